"""What surveys say, how many answer, who is never heard, and signs of gaming: answer by answer, from the waist's facts."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from types import SimpleNamespace

import duckdb

from tests.oracles.customer_math import ALL, MONTHS_IN_A_PERIOD, half_up, months_later, ratio
from tests.oracles.measures import Measure
from tests.oracles.rates import Z, six_places

SCORES_KEY = (
    "vendor", "system", "survey_ref", "metric", "points", "ces_version", "unit", "period_kind", "period_start", "segment",
)  # fmt: skip
QUALITY_KEY = ("vendor", "system", "survey_ref", "period_kind", "period_start", "segment")
UNHEARD_KEY = ("period_kind", "period_start", "segment", "value_band")
SIGN_KEY = ("vendor", "system", "survey_ref", "sign")
SURVEY = ("vendor", "system", "survey_ref")
FIELD = timedelta(days=30)
BEYOND_CHANCE = Decimal("2.326348")

Row = SimpleNamespace


@dataclass(frozen=True)
class Heard:
    """Facts of the waist, and what the reference tables say."""

    sends: list[Row]
    invitations: list[Row]
    answers: list[Row]
    given: list[Row]
    replies: list[Row]
    events: list[Row]
    ledger: list[Row]
    losses: list[Row]
    wordings: list[Row]
    surveys: list[Row]
    emails: list[Row]
    as_of: date
    smallest: int
    year_starts_in: int = 1
    method: tuple[tuple[str, int], ...] = (("nps", 11), ("csat", 5), ("ces", 7))
    bands: tuple[tuple[str, Decimal], ...] = ()
    own_domains: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()


def read_heard(warehouse: duckdb.DuckDBPyConnection, **said: object) -> Heard:
    def rows(query: str) -> list[Row]:
        found = warehouse.sql(query)
        return [Row(**dict(zip(found.columns, row, strict=True))) for row in found.fetchall()]

    company = rows("select as_of_on, minimum_cell_size, fiscal_year_starts_in from waist.company")[0]
    return Heard(
        sends=rows("select * from waist.survey_send"),
        invitations=rows("select * from waist.invitation"),
        answers=rows("select * from waist.survey_answer"),
        given=rows("select * from waist.heard_answer"),
        replies=rows("select * from waist.given_answer"),
        events=rows("""
            select events.*, parties.customer_id from waist.touchpoint_event as events join waist.party as parties
            on (events.vendor, events.system, events.party_object, events.party_ref)
                = (parties.vendor, parties.system, parties.object, parties.source_ref)
            where not parties.is_test"""),
        ledger=rows("select * from waist.ledger order by day, step"),
        losses=rows("select customer_id, moved_on from waist.movement where movement = 'lost'"),
        wordings=rows("select * from waist.survey_question"),
        surveys=rows("select * from waist.survey where is_shown"),
        emails=rows("select email, domain from waist.party_record where email is not null"),
        as_of=company.as_of_on,
        smallest=company.minimum_cell_size,
        year_starts_in=company.fiscal_year_starts_in,
        **said,
    )  # fmt: skip


def measures(heard: Heard) -> list[Measure]:
    def of(name: str, key: tuple[str, ...], compute: Callable[[Heard], list[dict]]) -> Measure:
        return Measure(name, key, lambda _: compute(heard), "listening")

    return [
        of("survey_scores", SCORES_KEY, survey_scores),
        of("response_quality", QUALITY_KEY, response_quality),
        of("unheard_value", UNHEARD_KEY, unheard_value),
        of("gaming_signs", SIGN_KEY, gaming_signs),
    ]


def periods_of(days: Iterable[date], year_starts_in: int) -> Iterator[tuple[str, date, date]]:
    """(kind, first day, first day after) of every period that one of the days is in."""
    found = set()
    for day in days:
        for kind, months in MONTHS_IN_A_PERIOD.items():
            since = (day.month - year_starts_in) % 12 % months
            start = months_later(day.replace(day=1), -since)
            found.add((kind, start, months_later(start, months)))
    yield from sorted(found)


def twelve_months_before(end: date) -> date:
    return months_later(end, -12)


def segments_of(rows: Iterable[Row]) -> list[str]:
    return [ALL, *sorted({row.segment for row in rows if row.segment is not None})]


def within(row: Row, segment: str) -> bool:
    return segment in (ALL, row.segment)


def root(share: Fraction) -> Decimal:
    with localcontext(prec=50):
        return (Decimal(share.numerator) / share.denominator).sqrt()


def rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.000001"), ROUND_HALF_UP)


# --------------------------------------------------------------------------------------------- scores


def scale_of(points: int) -> range:
    return range(points) if points in (11, 101) else range(1, points + 1)


def yes_from(metric: str, points: int) -> int:
    scale = scale_of(points)
    if metric == "nps":
        return 9
    if metric == "csat":
        return scale[-2] if points > 3 else scale[-1]
    return next(score for score in scale if score > Fraction(scale[0] + scale[-1], 2))


def left_of_variance(n: int, population: int | None) -> Fraction:
    if population is None or n > population or Fraction(n, population) <= Fraction(1, 20):
        return Fraction(1)
    return Fraction(0) if n == population else Fraction(population - n, population - 1)


def share_bounds(k: int, n: int, population: int | None) -> tuple[Decimal | None, Decimal | None]:
    """Wilson's, of as many answers as would be worth these in an endless population."""
    left = left_of_variance(n, population)
    if left == 0:
        return half_up(ratio(k, n)), half_up(ratio(k, n))
    with localcontext(prec=50):
        p, size = Decimal(k) / n, Decimal(n) * left.denominator / left.numerator
        reach = Z * (p * (1 - p) / size + Z**2 / (4 * size**2)).sqrt()
        low, high = ((p + Z**2 / (2 * size) + side * reach) / (1 + Z**2 / size) for side in (-1, 1))
    return six_places(low), six_places(high)


def survey_scores(heard: Heard) -> list[dict]:
    method = dict(heard.method)
    by_scale = defaultdict(list)
    for answer in heard.answers:
        scale = (answer.metric, answer.points, answer.ces_version)
        is_aligned = method.get(answer.metric) == answer.points and answer.ces_version != "1.0"
        by_scale[(answer.vendor, answer.system, answer.survey_ref), scale, is_aligned].append(answer)
        if is_aligned:
            by_scale[(ALL, ALL, ALL), scale, True].append(answer)
    rows = []
    for (survey, scale, is_aligned), answers in by_scale.items():
        for kind, start, end in periods_of({answer.answered_on for answer in answers}, heard.year_starts_in):
            inside = [answer for answer in answers if start <= answer.answered_on < end]
            for unit in ("person", "account"):
                rows += [
                    row
                    | dict(zip(SURVEY, survey, strict=True))
                    | {
                        "metric": scale[0], "points": scale[1], "ces_version": scale[2], "is_aligned": is_aligned,
                        "unit": unit, "period_kind": kind, "period_start": start,
                        "is_provisional": heard.as_of < end - timedelta(days=1),
                    }
                    for row in scored(heard, inside, unit, survey, end)
                ]  # fmt: skip
    return rows


def scored(heard: Heard, answers: list[Row], unit: str, survey: tuple, end: date) -> Iterator[dict]:
    metric, points, version = answers[0].metric, answers[0].points, answers[0].ces_version
    valid = [answer for answer in answers if answer.score in scale_of(points)]
    last = {}
    for answer in sorted(valid, key=lambda a: (a.responded_at, a.vendor, a.system, a.object, a.source_ref)):
        last[answer.person_id or (answer.vendor, answer.system, answer.object, answer.source_ref)] = answer
    units = [
        Row(score=Fraction(answer.score), segment=answer.segment, who=answer.person_id)
        for answer in last.values()
    ]
    if unit == "account":
        people = defaultdict(list)
        for answer in last.values():
            if answer.customer_id is not None:
                people[answer.customer_id].append(answer)
        units = [
            Row(
                score=Fraction(sum(answer.score for answer in of), len(of)),
                segment=max(of, key=lambda answer: answer.responded_at).segment,
                who=customer,
            )
            for customer, of in people.items()
        ]
    invalid = [answer for answer in answers if answer.score not in scale_of(points)]
    invalid = invalid if unit == "person" else []
    for segment in segments_of([*units, *invalid]):
        told = [unit for unit in units if within(unit, segment)]
        outside = [answer for answer in invalid if within(answer, segment)]
        if not told and not outside:
            continue
        n, unknown = len(told), sum(unit.segment is None for unit in told)
        asked = asked_by(heard, survey, unit, segment, end)
        is_part = not unknown and all(unit.who in asked for unit in told)
        population = len(asked) or None if is_part else None
        is_small = n < heard.smallest
        row = {
            "segment": segment, "respondents": n, "unidentified_respondents": unknown, "population": population,
            "out_of_scale_answers": len(outside), "is_small_cell": is_small,
            "is_finite_population": population is not None and Fraction(population, 20) < n <= population,
            "mean_score": None if is_small else half_up(sum(Fraction(half_up(unit.score)) for unit in told) / n),
            **dict.fromkeys(("promoters", "passives", "detractors", "nps", "nps_margin")),
            "is_unanimous": None if n else False,
            **dict.fromkeys(("top_box_respondents", "top_box_share", "top_box_share_low", "top_box_share_high")),
        }  # fmt: skip
        yes = sum(unit.score >= yes_from(metric, points) for unit in told)
        if metric == "nps":
            against = sum(unit.score < 7 for unit in told)
            row |= {"promoters": yes, "passives": n - yes - against, "detractors": against}
            row["is_unanimous"] = n > 0 and n in (yes, against, n - yes - against)
            if not is_small:
                p, d = Fraction(yes, n), Fraction(against, n)
                row["nps"] = half_up(100 * (p - d))
                variance = (p + d - (p - d) ** 2) / n * left_of_variance(n, population)
                row["nps_margin"] = rounded(196 * root(variance))
        elif version != "1.0":
            row |= {"top_box_respondents": yes, "is_unanimous": n > 0 and yes in (0, n)}
            if not is_small:
                low, high = share_bounds(yes, n, population)
                row |= {
                    "top_box_share": half_up(ratio(yes, n)),
                    "top_box_share_low": low,
                    "top_box_share_high": high,
                }
        yield row


def asked_by(heard: Heard, survey: tuple, unit: str, segment: str, end: date) -> set[str]:
    """Whom the survey asked in the twelve months up to the period's end; a segment is the one held at the last time."""
    column = "person_id" if unit == "person" else "customer_id"
    last = {}
    for send in sorted(heard.sends, key=lambda send: send.sent_at):
        is_own = (send.vendor, send.system, send.survey_ref) == survey and send.status == "sent"
        if is_own and twelve_months_before(end) <= send.sent_on < end and getattr(send, column) is not None:
            last[getattr(send, column)] = send
    return {who for who, send in last.items() if within(send, segment)}


# ------------------------------------------------------------------------------------------ responses


def outcomes(heard: Heard) -> list[Row]:
    """Each invitation, and each answer that none explains, with what became of it."""
    sent = {(s.vendor, s.system, s.source_ref) for s in heard.invitations}
    claimed = {(s.vendor, s.system, s.response_ref) for s in heard.invitations}

    def became(send: Row) -> str:
        def has(moment: datetime | None) -> bool:
            return moment is not None and moment.date() <= heard.as_of

        if send.answered_on is not None and send.answered_on <= heard.as_of:
            return "finished"
        if send.status != "sent":
            return send.status
        return "started" if has(send.started_at) else "opened" if has(send.opened_at) else "unknown"

    history, lost_on = defaultdict(list), defaultdict(list)
    for row in heard.ledger:
        history[row.customer_id].append(row)
    for loss in heard.losses:
        lost_on[loss.customer_id].append(loss.moved_on)

    def is_lost_after(send: Row) -> bool | None:
        before = [row for row in history[send.customer_id] if row.day <= send.sent_on]
        until = months_later(send.sent_on, 12)
        if send.status != "sent" or until > heard.as_of or not before or not before[-1].is_active:
            return None
        return any(send.sent_on < day <= until for day in lost_on[send.customer_id])

    told = [
        Row(**vars(send), day=send.sent_on, outcome=became(send), is_lost_after=is_lost_after(send))
        for send in heard.sends
    ]
    return told + [
        Row(**vars(answer), day=answer.answered_on, outcome="unexplained", is_lost_after=None)
        for answer in heard.given
        if (answer.vendor, answer.system, answer.source_ref) not in claimed
        and (answer.vendor, answer.system, answer.invitation_ref) not in sent
    ]


def response_quality(heard: Heard) -> list[dict]:
    by_survey = defaultdict(list)
    for row in outcomes(heard):
        by_survey[row.vendor, row.system, row.survey_ref].append(row)
    rows = []
    for survey, told in by_survey.items():
        seen = {row.outcome for row in told}
        tells_sends = seen != {"unexplained"}
        tells_whose = "finished" in seen or "unexplained" not in seen
        for kind, start, end in periods_of({row.day for row in told}, heard.year_starts_in):
            inside = [row for row in told if start <= row.day < end]
            for segment in segments_of(inside):
                cell = [row for row in inside if within(row, segment)]
                is_open = heard.as_of < end - timedelta(days=1) or any(
                    row.outcome != "unexplained" and row.day + FIELD > heard.as_of for row in cell
                )
                rows.append(
                    dict(zip(SURVEY, survey, strict=True))
                    | {
                        "period_kind": kind,
                        "period_start": start,
                        "segment": segment,
                        "is_provisional": is_open,
                    }
                    | rates([row.outcome for row in cell], seen, tells_sends, tells_whose, heard.smallest)
                    | later_losses(cell, tells_whose, heard.smallest)
                )
    return rows


def later_losses(cell: list[Row], tells_whose: bool, smallest: int) -> dict:
    row = {}
    for group in ("answered", "unanswered"):
        followed = [
            one.is_lost_after
            for one in cell
            if one.is_lost_after is not None and (one.outcome == "finished") == (group == "answered")
        ]
        row |= {
            f"{group}_followed": len(followed) if tells_whose else None,
            f"{group}_lost": sum(followed) if tells_whose else None,
            f"{group}_loss_rate": half_up(ratio(sum(followed), len(followed)))
            if tells_whose and len(followed) >= smallest
            else None,
        }
    return row


def rates(cell: list[str], seen: set[str], tells_sends: bool, tells_whose: bool, smallest: int) -> dict:
    unexplained = cell.count("unexplained")
    told = [outcome for outcome in cell if outcome not in ("unexplained", "suppressed")]
    row = dict.fromkeys((
        "suppressed_invitations", "sent_invitations", "bounced_invitations", "delivered_invitations", "opened_invitations",
        "started_invitations", "finished_invitations", "partial_invitations", "refused_invitations", "unknown_invitations",
        "delivery_rate", "response_rate", "aapor_rr1", "aapor_rr2",
    ))  # fmt: skip
    row |= {
        "unexplained_responses": unexplained, "is_small_cell": False, "missing_source": None if tells_sends else "invitations",
    }  # fmt: skip
    if not tells_sends:
        return row
    sent, bounced, finished = len(told), told.count("bounced"), told.count("finished")
    partial = told.count("started") if "started" in seen else None
    refused = told.count("opened") if "opened" in seen else None
    row |= {
        "suppressed_invitations": cell.count("suppressed"), "sent_invitations": sent, "bounced_invitations": bounced,
        "delivered_invitations": sent - bounced, "is_small_cell": sent - bounced < smallest,
    }  # fmt: skip
    if sent - bounced >= smallest:
        row["delivery_rate"] = half_up(ratio(sent - bounced, sent))
    if not tells_whose:
        return row | {"missing_source": "which invitation an answer is to"}
    row |= {
        "finished_invitations": finished, "partial_invitations": partial, "refused_invitations": refused,
        "unknown_invitations": sent - finished - (partial or 0) - (refused or 0),
    }  # fmt: skip
    if partial is not None:
        row["started_invitations"] = finished + partial
        row["opened_invitations"] = None if refused is None else finished + partial + refused
    if sent - bounced >= smallest:
        row["response_rate"] = half_up(ratio(finished, sent - bounced))
        row["aapor_rr1"] = half_up(ratio(finished, sent))
        row["aapor_rr2"] = None if partial is None else half_up(ratio(finished + partial, sent))
    return row


# -------------------------------------------------------------------------------------------- unheard


def unheard_value(heard: Heard) -> list[dict]:
    """Every customer at every close, by looking at its last ledger row and all that surveys sent and got."""
    steps = defaultdict(list)
    for row in sorted(heard.ledger, key=lambda row: (row.day, row.step)):
        steps[row.customer_id].append(row)
    told = outcomes(heard)
    knows_surveys = bool(told or heard.given)
    knows_sends = any(row.outcome != "unexplained" for row in told)
    answered, asked = defaultdict(set), defaultdict(set)
    for answer in heard.given:
        answered[answer.customer_id].add(answer.answered_on)
    there = {(reply.vendor, reply.system, reply.source_ref) for reply in heard.replies if reply.is_finished}
    named = {(reply.vendor, reply.system, reply.invitation_ref) for reply in heard.replies}
    named |= {
        (invitation.vendor, invitation.system, invitation.source_ref)
        for invitation in heard.invitations
        if (invitation.vendor, invitation.system, invitation.response_ref) in there
    }
    for row in told:
        # of an answer that is not there nobody but whoever was asked can be told
        if row.outcome == "finished" and (row.vendor, row.system, row.source_ref) not in named:
            answered[row.customer_id].add(row.answered_on)
        if row.outcome in ("finished", "started", "opened", "unknown"):
            asked[row.customer_id].add(row.day)
    first = min((row.day for row in heard.ledger), default=heard.as_of)
    days = [months_later(first.replace(day=1), n) for n in range(2000)]
    rows = []
    for kind, start, end in periods_of([day for day in days if day <= heard.as_of], heard.year_starts_in):
        cells = defaultdict(list)
        for customer, history in steps.items():
            state = next(
                (row for row in reversed(history) if row.day < min(end, heard.as_of + timedelta(days=1))),
                None,
            )
            if state is None or not state.is_active:
                continue
            since = twelve_months_before(end)
            way = (
                "heard" if any(since <= day < end for day in answered[customer])
                else "silent" if any(since <= day < end for day in asked[customer])
                else "never_asked"
            )  # fmt: skip
            value = state.annualised_after if state.annualised_after > 0 else state.trailing_12m_after
            for segment in (ALL, state.segment):
                for band in (ALL, *([band_of(value, heard.bands)] if heard.bands else [])):
                    cells[segment, band].append((way, value))
        for (segment, band), of in cells.items():
            rows.append(
                {"period_kind": kind, "period_start": start, "segment": segment, "value_band": band}
                | worth(of, knows_surveys, knows_sends, heard.smallest)
                | {"is_provisional": heard.as_of < end - timedelta(days=1)}
            )
    return rows


def band_of(value: Decimal, bands: tuple[tuple[str, Decimal], ...]) -> str:
    return next(
        (band for band, least in sorted(bands, key=lambda one: -one[1]) if value >= least), "below_bands"
    )


def worth(of: list[tuple[str, Decimal]], knows_surveys: bool, knows_sends: bool, smallest: int) -> dict:
    def of_ways(*ways: str) -> dict[str, Decimal | int]:
        told = [value for way, value in of if way in ways]
        return {"customers": len(told), "value": sum(told, Decimal(0))}

    groups = {
        "active": of_ways("heard", "silent", "never_asked"), "heard": of_ways("heard") if knows_surveys else {},
        "silent": of_ways("silent") if knows_sends else {}, "never_asked": of_ways("never_asked") if knows_sends else {},
        "unheard": of_ways("silent", "never_asked") if knows_surveys else {},
    }  # fmt: skip
    row = {
        f"{name}_{what}": group.get(what) for name, group in groups.items() for what in ("customers", "value")
    }
    is_small = len(of) < smallest
    share = None
    if knows_surveys and not is_small:
        share = half_up(ratio(row["unheard_value"], row["active_value"]))
    missing = "surveys" if not knows_surveys else None if knows_sends else "invitations"
    return row | {"silent_value_share": share, "is_small_cell": is_small, "missing_source": missing}


# --------------------------------------------------------------------------------------------- gaming


def gaming_signs(heard: Heard) -> list[dict]:
    year = twelve_months_before(heard.as_of)
    rows = []
    for survey in heard.surveys:
        own = (survey.vendor, survey.system, survey.survey_ref)
        answers = [
            answer for answer in heard.answers
            if (answer.vendor, answer.system, answer.survey_ref) == own and answer.answered_on > year
        ]  # fmt: skip
        for sign, told in (
            ("cherry_picked_invitations", cherry_picked(heard, own)),
            ("scores_on_the_threshold", on_the_threshold(answers)),
            ("staff_answers", by_staff(heard, answers)),
            ("begging_wording", begging(heard, own)),
        ):
            rows.append(
                dict(zip(SURVEY, own, strict=True))
                | {"sign": sign, "found_share": half_up(ratio(told["found"], told["cases"]))}
                | told
            )
    return rows


def tested(cases: int, found: int, expected: Fraction, variance: Fraction) -> dict:
    row = {"cases": cases, "found": found, "is_sign": None, "expected": None, "deviations": None}
    row |= {"false_alarm_rate": Decimal("0.01"), "why_unknown": None}
    if cases < 20:
        return row | {"why_unknown": "fewer than 20 cases"}
    if variance == 0:
        return row | {"why_unknown": "all occasions are alike"}
    above = found - expected - Fraction(1, 2)
    with localcontext(prec=50):
        deviations = rounded(Decimal(above.numerator) / above.denominator / root(variance))
    return row | {
        "expected": half_up(expected),
        "deviations": deviations,
        "is_sign": deviations >= BEYOND_CHANCE,
    }


def on_the_threshold(answers: list[Row]) -> dict:
    last = {}
    for answer in sorted(answers, key=lambda answer: (answer.responded_at, answer.object, answer.source_ref)):
        if answer.metric == "nps":
            last[answer.person_id or (answer.object, answer.source_ref)] = answer.score
    near = [score for score in last.values() if score in (8, 9, 10)]
    third = Fraction(1, 3)
    return tested(len(near), near.count(9), third * len(near), third * (1 - third) * len(near))


def by_staff(heard: Heard, answers: list[Row]) -> dict:
    staff = {
        hashlib.md5(row.email.encode()).hexdigest() for row in heard.emails if row.domain in heard.own_domains
    }
    all_refs = {(answer.object, answer.source_ref) for answer in answers}
    found = {(answer.object, answer.source_ref) for answer in answers if answer.person_id in staff}
    why = (
        "own_domain.csv is empty" if not heard.own_domains
        else "no scored answer in twelve months" if not answers
        else None
    )  # fmt: skip
    return {
        "cases": len(all_refs),
        "found": len(found),
        "is_sign": None if why else bool(found),
        "why_unknown": why,
    }


def begging(heard: Heard, own: tuple) -> dict:
    told = [row for row in heard.wordings if (row.vendor, row.system, row.survey_ref) == own]
    found = sum(any(phrase in row.wording.lower() for phrase in heard.phrases) for row in told)
    why = None if told else "no export tells the wording"
    return {"cases": len(told), "found": found, "is_sign": None if why else found > 0, "why_unknown": why}


def occasions(heard: Heard) -> Iterator[Row]:
    for event in heard.events:
        yield Row(
            kind=event.touchpoint, customer=event.customer_id, day=event.occurred_at.date(), at=event.occurred_at, days=14,
            is_good=event.is_conforming, ref=f"{event.vendor} {event.system} {event.source_ref}", answer=None,
        )  # fmt: skip
    for answer in heard.answers:
        if answer.score in scale_of(answer.points) and answer.ces_version != "1.0" and answer.customer_id:
            yield Row(
                kind=(answer.vendor, answer.system, answer.survey_ref, answer.metric), customer=answer.customer_id,
                day=answer.answered_on, at=answer.responded_at, days=90,
                is_good=answer.score >= yes_from(answer.metric, answer.points),
                ref=f"{answer.vendor} {answer.system} {answer.object} {answer.source_ref}", answer=answer,
            )  # fmt: skip


def tells_no_hour(moment: datetime) -> bool:
    return moment.time() == time(0)


def follows(send: Row, occasion: Row) -> bool:
    """Whether an invitation came after it: by the hour, where both tell one."""
    if not (tells_no_hour(send.sent_at) or tells_no_hour(occasion.at)):
        return send.sent_at > occasion.at
    if occasion.answer:
        return send.sent_at.date() > occasion.at.date()
    return send.sent_at.date() >= occasion.at.date()


def in_order(occasion: Row) -> tuple[datetime, str]:
    is_whole_day = occasion.answer and tells_no_hour(occasion.at)
    return occasion.at + timedelta(days=1, seconds=-1) if is_whole_day else occasion.at, occasion.ref


def answers_it(answer: Row | None, send: Row) -> bool:
    named = answer and (answer.vendor, answer.system, answer.invitation_ref)
    return named == (send.vendor, send.system, send.source_ref)


def cherry_picked(heard: Heard, own: tuple) -> dict:
    """Kind of occasion by kind, each with a drawing without putting back."""
    sends = [
        send for send in heard.sends
        if (send.vendor, send.system, send.survey_ref) == own and send.status != "suppressed"
    ]  # fmt: skip
    kinds = defaultdict(list)
    for occasion in occasions(heard):
        if twelve_months_before(heard.as_of) < occasion.day <= heard.as_of - timedelta(days=occasion.days):
            kinds[occasion.kind].append(occasion)
    cases, found, expected, variance = 0, 0, Fraction(0), Fraction(0)
    for told in kinds.values():
        found_refs = set()
        for send in sends:
            before = [one for one in told if one.customer == send.customer_id and follows(send, one)]
            last = max(before, key=in_order, default=None)
            if (
                last
                and send.sent_on <= last.day + timedelta(days=last.days)
                and not answers_it(last.answer, send)
            ):
                found_refs.add(last.ref)
        followed = [occasion for occasion in told if occasion.ref in found_refs]
        n, good, invited = len(told), sum(o.is_good for o in told), len(followed)
        if not invited:
            continue
        cases, found = cases + invited, found + sum(o.is_good for o in followed)
        expected += Fraction(good * invited, n)
        variance += Fraction(good * (n - good) * invited * (n - invited), n * n * max(n - 1, 1))
    return tested(cases, found, expected, variance)
