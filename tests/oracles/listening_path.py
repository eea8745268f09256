"""Who was asked, how often and what for, from lists of what happened: one by one, with no query."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

from tests.oracles.customer_math import half_up, ratio

RULE = {True: 182, False: 90}  # of a relationship survey, of others: days to the next
PRESSURE_KEY = ("period_kind", "period_start", "unit", "segment", "vendor", "system", "survey_ref")
ALL = "all"


@dataclass(frozen=True)
class Survey:
    vendor: str
    system: str
    name: str
    kind: str | None = None
    stage: str | None = None
    owner: str | None = None
    cadence_days: int | None = None
    changed_on: date | None = None
    is_aligned: bool = True

    def days_since_change(self, as_of: date) -> int | None:
        has_changed = self.changed_on is not None and self.changed_on <= as_of
        return (as_of - self.changed_on).days if has_changed else None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.vendor, self.system, self.name


@dataclass(frozen=True)
class Send:
    """One invitation. `person` and `customer` are null where nobody says whom it asked."""

    survey: Survey
    sent_at: datetime
    person: str | None
    customer: str | None
    segment: str | None
    status: str = "sent"
    answered_on: date | None = None


@dataclass(frozen=True)
class Answer:
    survey: Survey
    answered_on: date
    person: str | None
    customer: str | None
    metric: str | None  # null where it bears no score
    points: int
    theme: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Ask:
    unit: str
    unit_id: str
    survey: Survey
    sent_at: datetime
    segment: str | None

    @property
    def day(self) -> date:
        return self.sent_at.date()

    @property
    def is_relationship(self) -> bool:
        return self.survey.kind == "relationship"

    def place(self) -> tuple[date, str]:
        return self.day, "/".join(self.survey.key)


def asks(sends: Iterable[Send]) -> dict[tuple[str, str], list[Ask]]:
    """Unit -> its asks, in their order."""
    people, accounts = defaultdict(list), {}
    for send in sorted(reached(sends), key=lambda send: send.sent_at):
        if send.person:
            ask = Ask("person", send.person, send.survey, send.sent_at, send.segment)
            people["person", send.person].append(ask)
        if send.customer:
            once = (send.customer, send.survey.key, send.sent_at.date())
            accounts.setdefault(once, Ask("account", send.customer, send.survey, send.sent_at, send.segment))
    for ask in accounts.values():
        people["account", ask.unit_id].append(ask)
    return people


def reached(sends: Iterable[Send]) -> Iterator[Send]:
    return (send for send in sends if send.status == "sent")


def breach(ask: Ask, others: Sequence[Ask], at: int) -> tuple[bool, bool]:
    """Whether an ask came too soon, and whether the nearest that it came too near to is of another survey."""
    before, after = others[:at], [other for other in others[at + 1 :] if other.is_relationship]
    if ask.is_relationship:
        earlier = max((other for other in before if other.is_relationship), key=Ask.place, default=None)
        later = None
    else:
        earlier, later = before[-1] if before else None, min(after, key=Ask.place, default=None)
    near = [other for other in (earlier, later) if other]
    if not near:
        return False, False
    nearest = min(near, key=lambda other: abs((other.day - ask.day).days))
    is_breach = abs((nearest.day - ask.day).days) < RULE[ask.is_relationship]
    return is_breach, is_breach and nearest.survey.key != ask.survey.key


def periods(first: date, as_of: date) -> Iterator[tuple[str, date, date]]:
    """(kind, first day, first day after) of the calendar's months, quarters and years."""
    kinds = {"month": 1, "quarter": 3, "year": 12}
    for kind, months in kinds.items():
        start = date(first.year, (first.month - 1) // months * months + 1, 1)
        while start <= as_of:
            number = start.year * 12 + start.month - 1 + months
            following = date(number // 12, number % 12 + 1, 1)
            yield kind, start, following
            start = following


def pressure(sends: Sequence[Send], first: date, as_of: date) -> Iterator[dict]:
    judged = [
        (ask, *breach(ask, others, at)) for others in asks(sends).values() for at, ask in enumerate(others)
    ]
    for kind, start, following in periods(first, as_of):
        cells = defaultdict(list)
        for ask, is_breach, is_across in judged:
            if start <= ask.sent_at.date() < following:
                for segment in {ask.segment, ALL} - {None}:
                    for survey in (ask.survey.key, (ALL, ALL, ALL)):
                        cells[ask.unit, segment, survey].append((ask.unit_id, is_breach, is_across))
        for (unit, segment, (vendor, system, name)), found in cells.items():
            units = [unit_id for unit_id, _, _ in found]
            breaches = sum(is_breach for _, is_breach, _ in found)
            pressed = len({unit_id for unit_id, is_breach, _ in found if is_breach})
            yield {
                "period_kind": kind,
                "period_start": start,
                "unit": unit,
                "segment": segment,
                "vendor": vendor,
                "system": system,
                "survey_ref": name,
                "asks": len(found),
                "asked_units": len(set(units)),
                "most_asks": max(units.count(unit_id) for unit_id in units),
                "asks_per_unit": ratio(len(found), len(set(units))),
                "breaches": breaches,
                "breaches_across_surveys": sum(is_across for _, _, is_across in found),
                "breach_rate": ratio(breaches, len(found)),
                "pressed_units": pressed,
                "pressed_share": ratio(pressed, len(set(units))),
                "is_provisional": following - timedelta(days=1) > as_of,
            }


def leaks(sends: Iterable[Send], opted_out: Iterable[tuple[str, str, str, datetime]]) -> list[tuple]:
    """(survey key, sent on, tool opted out of, day) of each send to a person who had opted out before it."""
    first: dict[tuple, datetime] = {}
    for vendor, system, person, moment in opted_out:
        first[vendor, system, person] = min(moment, first.get((vendor, system, person), moment))
    return sorted(
        (send.survey.key, send.sent_at.date(), (vendor, system), moment.date())
        for send in reached(sends)
        for (vendor, system, person), moment in first.items()
        if person == send.person and send.sent_at > moment
    )


def inventory(
    surveys: Sequence[Survey],
    declared: Sequence[Survey],
    sends: Sequence[Send],
    answers: Sequence[Answer],
    as_of: date,
) -> Iterator[dict]:
    for survey in surveys:
        sent = [send for send in reached(sends) if send.survey.key == survey.key]
        given = [answer for answer in answers if answer.survey.key == survey.key]
        days = [send.sent_at.date() for send in sent] + [answer.answered_on for answer in given]
        waits = [
            (second - first).days
            for person in {send.person for send in sent if send.person}
            for first, second in pairs(sorted(send.sent_at.date() for send in sent if send.person == person))
        ]
        age = (as_of - max(days)).days if days else None
        yield {
            "vendor": survey.vendor,
            "system": survey.system,
            "survey_ref": survey.name,
            "is_declared": survey in declared,
            "state": "silent"
            if age is None
            else "stale"
            if age > (survey.cadence_days or 365)
            else "running",
            "kind": survey.kind,
            "journey_stage": survey.stage,
            "owner": survey.owner,
            "metrics": listed(answer.metric for answer in given if answer.metric),
            "scales": listed(f"{answer.metric} of {answer.points}" for answer in given if answer.metric),
            "is_aligned": survey.is_aligned if any(answer.metric for answer in given) else None,
            "languages": listed(answer.language for answer in given if answer.language),
            "first_sent_on": min((send.sent_at.date() for send in sent), default=None),
            "last_sent_on": max((send.sent_at.date() for send in sent), default=None),
            "sending_days": len({send.sent_at.date() for send in sent}) or None,
            "sends": len(sent) or None,
            "people_asked": len({send.person for send in sent} - {None}) if sent else None,
            "customers_asked": len({send.customer for send in sent} - {None}) if sent else None,
            "days_between_asks": Decimal(str(median(waits))) if waits else None,
            "answers": len(given) or None,
            "respondents": len({answer.person for answer in given} - {None}) if given else None,
            "days_since_change": survey.days_since_change(as_of),
        }


def pairs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    return zip(days, days[1:], strict=False)


def listed(texts: Iterable[str]) -> str | None:
    return ", ".join(sorted(set(texts))) or None


def decisions(
    surveys: Sequence[Survey],
    sends: Sequence[Send],
    answers: Sequence[Answer],
    after: date,
    as_of: date,
    states: dict,
) -> Iterator[dict]:
    """What speaks for asking no more, survey by survey; `after` is the day before the twelve months."""
    met = defaultdict(set)
    for send in reached(sends):
        if send.person and send.sent_at.date() > after:
            met[send.survey.key].add(send.person)
    for answer in answers:
        if answer.person and answer.answered_on > after:
            met[answer.survey.key].add(answer.person)
    for survey in surveys:
        sent = [
            send for send in reached(sends) if send.survey.key == survey.key and send.sent_at.date() > after
        ]
        over = [send for send in sent if send.sent_at.date() + timedelta(days=30) <= as_of]
        answered = sum(send.answered_on is not None and send.answered_on <= as_of for send in over)
        asked = [
            breach(ask, others, at)[0]
            for others in asks(sends).values()
            for at, ask in enumerate(others)
            if ask.unit == "person" and ask.survey.key == survey.key and ask.sent_at.date() > after
        ]
        metrics = {answer.metric for answer in answers if answer.survey.key == survey.key}
        rivals = sorted(
            (-len(met[survey.key] & met[other.key]), other.key)
            for other in surveys
            if other.key != survey.key and other.stage == survey.stage is not None and met[survey.key]
            and metrics & {answer.metric for answer in answers if answer.survey.key == other.key}
        )  # fmt: skip
        shared = -rivals[0][0] if rivals else None
        waves = [themes(answers, survey, start, end) for start, end in last_quarters(as_of)]
        parts = {
            "is_stale_insight": len(set(waves)) == 1 if all(waves) else None,
            "is_without_action": (survey.days_since_change(as_of) or 0) > 365
            or survey.days_since_change(as_of) is None,
            "is_low_response": answered * 10 < len(over) if len(over) >= 5 else None,
            "is_redundant": None
            if survey.stage is None or rivals and len(met[survey.key]) < 5
            else bool(shared) and shared * 2 >= len(met[survey.key]),
            "is_pressing": sum(asked) * 5 >= len(asked) if len(asked) >= 5 else None,
        }
        score = sum(bool(part) for part in parts.values())
        state = states[survey.key]
        yield {
            "vendor": survey.vendor,
            "system": survey.system,
            "survey_ref": survey.name,
            **parts,
            "stop_asking_score": score,
            "recommendation": "stop" if state != "running" else "merge" if parts["is_redundant"]
            else "stop" if score >= 3 else "pause" if score == 2 else "keep",
            "answered_12_months": answered if sent else None,
            "sends_12_months": len(over) if sent else None,
            "response_rate_12_months": half_up(ratio(answered, len(over))) if len(over) >= 5 else None,
            "shared_people": shared,
            "overlapping_survey": "/".join(rivals[0][1]) if rivals else None,
            "people_12_months": len(met[survey.key]) if rivals else None,
            "asks_12_months": len(asked) or None,
            "breaches_12_months": sum(asked) if asked else None,
        }  # fmt: skip


def last_quarters(as_of: date) -> list[tuple[date, date]]:
    """The last three quarters that had ended by the as-of day."""
    ended = [
        (start, following)
        for kind, start, following in periods(date(as_of.year - 2, 1, 1), as_of)
        if kind == "quarter" and following - timedelta(days=1) <= as_of
    ]
    return ended[-3:]


def themes(answers: Sequence[Answer], survey: Survey, start: date, end: date) -> str | None:
    said = [
        answer.theme
        for answer in answers
        if answer.survey.key == survey.key and answer.theme and start <= answer.answered_on < end
    ]
    most = sorted(set(said), key=lambda theme: (-said.count(theme), theme))[:3]
    return ", ".join(sorted(most)) or None
