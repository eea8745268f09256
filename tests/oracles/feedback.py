"""What customers say and what is done about it, from `plain` exports, piece by piece.

Each question is asked of all pieces of feedback again: which words stand in a text, what a month lets expect, when a promise was kept.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property, partial
from hashlib import md5
from math import ceil
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.oracles.customer_math import (
    ALL,
    NOTHING,
    ONE_DAY,
    UNSEGMENTED,
    Facts,
    Movement,
    Period,
    half_up,
    histories,
    months_later,
    periods,
    ratio,
    round_half_up,
    standing,
    value_movements,
)
from tests.oracles.facts_from_plain import (
    Customers,
    complete_objects,
    day_in,
    facts_from_plain,
    is_true,
    latest_rows,
    read_extracts,
    read_rows,
    read_settings,
)
from tests.oracles.group_profit import ever_customers
from tests.oracles.measures import Measure
from tests.oracles.surveys import scale_of

FEEDBACK_KEY = ("system", "object", "source_ref", "given_on")
VOLUME_KEY = ("period_kind", "period_start", "segment", "category")
LOOP_KEY = ("period_kind", "period_start", "owner", "clock")
UNCATEGORISED = "uncategorised"
HOURS = {"contact": "contact_hours", "resolved": "resolve_hours", "told": "tell_hours"}
# Thai and Lao, Burmese, Korean letters, Khmer, Japanese syllables, Chinese characters, Korean syllables
UNSPACED = (
    (0xE00, 0xEFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF),
)  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """One piece of feedback. `who` is the record that spoke, None where nobody is known; `address` its e-mail address."""

    system: str
    object: str
    ref: str
    kind: str
    who: str | None
    address: str | None
    at: datetime
    on: date
    survey: str | None
    silo_category: str | None
    language: str | None
    text: str | None
    metric: str | None
    score: int | None
    contact_at: datetime | None = None
    resolved_at: datetime | None = None
    points: int | None = None
    ces_version: str | None = None

    @property
    def is_low(self) -> bool:
        if self.metric is None or self.score not in (scale := [*scale_of(self.points)]):
            return False
        if self.metric == "nps":
            return self.score <= 6
        if self.metric == "csat":
            return self.score in scale[: max(2 * self.points // 5, 1)]
        worst = max(3 * self.points // 7, 1)
        return self.score in (scale[-worst:] if self.ces_version == "1.0" else scale[:worst])


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def words_of(text: str) -> str:
    """In small letters, a space for all that is neither letter, mark nor figure, and one at either end."""
    kept = (sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in text.lower())
    return f" {' '.join(''.join(kept).split())} "


def is_unspaced(text: str) -> bool:
    return any(first <= ord(sign) <= last for sign in text for first, last in UNSPACED)


def language_of(text: str | None) -> str | None:
    return (text or "").strip().lower().replace("_", "-").split("-")[0] or None


@dataclass(frozen=True)
class Told:
    """The exports and reference tables of a company, with what the ledger's oracle knows of its customers."""

    exports: Path
    reference: Path

    @cached_property
    def known(self) -> tuple[Facts, Customers]:
        return facts_from_plain(self.exports, self.reference)

    @property
    def facts(self) -> Facts:
        return self.known[0]

    @cached_property
    def zone(self) -> ZoneInfo:
        return read_settings(self.reference, Counter())[1]

    def table(self, name: str) -> list[dict[str, str]]:
        return read_rows(self.reference / f"{name}.csv")

    def rows(self, object_: str) -> Iterable[tuple[str, dict[str, str]]]:
        return latest_rows(read_extracts(self.exports, self.zone), object_, complete_objects(self.reference))

    @cached_property
    def addresses(self) -> dict[str, str]:
        """The first record of each e-mail address."""
        found: dict[str, str] = {}
        for system, row in self.rows("customers"):
            if row.get("email"):
                found.setdefault(row["email"].strip().lower(), f"{system}/{row['customer_ref']}")
        return found

    @cached_property
    def address_of(self) -> dict[str, str]:
        return {
            f"{system}/{row['customer_ref']}": row["email"].strip().lower()
            for system, row in self.rows("customers")
            if row.get("email")
        }

    @cached_property
    def tests(self) -> set[str]:
        return {
            f"{s}/{row['customer_ref']}" for s, row in self.rows("customers") if is_true(row.get("is_test"))
        }

    def speaker(self, system: str, row: dict[str, str], ref: str) -> tuple[str | None, str | None]:
        """The record that a row speaks of and its address; one known by address alone is whoever has it."""
        if row.get("customer_ref"):
            record = f"{system}/{row['customer_ref']}"
            return record, self.address_of.get(record)
        address = (row.get("email") or "").strip().lower() or None
        return (self.addresses.get(address, f"{system}/{ref}"), address) if address else (None, None)

    @cached_property
    def pieces(self) -> list[Piece]:
        found = []
        invited = {(s, row["invitation_ref"]): row for s, row in self.rows("survey_invitations")}
        for system, row in self.rows("survey_responses"):
            who = self.speaker(system, row, row["response_ref"])
            if who[0] is None and (system, row.get("invitation_ref")) in invited:
                invitation = invited[system, row["invitation_ref"]]
                who = self.speaker(system, invitation, invitation["invitation_ref"])
            found.append(Piece(
                system, "survey_responses", row["response_ref"], "survey_answer", *who, moment(row["responded_at"]),
                day_in(self.zone, row["responded_at"]), row["survey_ref"], None, language_of(row.get("language")),
                row.get("verbatim") if (row.get("verbatim") or "").strip() else None, row["metric"], int(row["score"]),
                None, None, *self.scale(system, row["survey_ref"], row["metric"]),
            ))  # fmt: skip
        for system, row in self.rows("tickets"):
            found.append(Piece(
                system, "tickets", row["ticket_ref"], "ticket", *self.speaker(system, row, row["ticket_ref"]),
                moment(row["opened_at"]), day_in(self.zone, row["opened_at"]), None, row.get("category") or None, None,
                row.get("verbatim") if (row.get("verbatim") or "").strip() else None, None, None,
                *(moment(row[c]) if row.get(c) else None for c in ("first_replied_at", "resolved_at")),
            ))  # fmt: skip
        for system, row in self.rows("subscriptions"):
            if row.get("cancel_reason") and row.get("ends_on") and not is_true(row.get("is_trial")):
                on = date.fromisoformat(row["ends_on"])
                found.append(Piece(
                    system, "subscriptions", row["subscription_ref"], "cancellation", f"{system}/{row['customer_ref']}", None,
                    datetime(on.year, on.month, on.day, tzinfo=UTC), on, None, row["cancel_reason"], None, None, None, None,
                ))  # fmt: skip
        return [piece for piece in found if piece.on <= self.facts.as_of and piece.who not in self.tests]

    def scale(self, system: str, survey: str, metric: str) -> tuple[int, str]:
        """How many points a survey's scale has, and which question of effort it asks, as it is declared."""
        declared = (row for row in self.table("survey_inventory") if row["vendor"] == "plain")
        row = next((r for r in declared if (r.get("system") or "plain", r["survey"]) == (system, survey)), {})
        usual = {"nps": 11, "csat": 5, "ces": 7}[metric]
        return int(row.get(f"{metric}_points") or usual), row.get("ces_version") or "2.0"

    def category(self, piece: Piece) -> tuple[str | None, str | None]:
        """The one-company category and how it was found."""
        if piece.kind == "survey_answer" and piece.text is None:
            return None, None
        for row in self.table("category_crosswalk"):
            silo_says = (piece.system.lower(), (piece.silo_category or "").lower())
            if (row["silo"].lower(), row["code"].lower()) == silo_says:
                return row["category"], "crosswalk"
        text, hits = piece.text or piece.silo_category or "", []
        for row in self.table("category_word"):
            phrase, language = words_of(row["word"]), language_of(row.get("language"))
            if language and piece.language and language != piece.language:
                continue
            if is_unspaced(row["word"]):
                place = words_of(text).find(phrase.strip()) if is_unspaced(text) else -1
            else:
                place = words_of(text).find(phrase)
            if place >= 0:
                hits.append((-len(phrase), place, language is None, language or "", row["category"]))
        return (min(hits)[-1], "words") if hits else (UNCATEGORISED, UNCATEGORISED)

    @cached_property
    def categories(self) -> dict[Piece, tuple[str | None, str | None]]:
        return {piece: self.category(piece) for piece in self.pieces}

    def customer(self, piece: Piece) -> str | None:
        return piece.who and self.facts.customer_on(self.known[1].named(piece.who), piece.on)

    @cached_property
    def customers(self) -> set[str]:
        return ever_customers(self.facts)

    @cached_property
    def by_name(self) -> dict:
        return {history.customer: history for history in histories(self.facts)}

    def segment(self, piece: Piece) -> str:
        history = self.by_name.get(self.customer(piece) or "")
        return history.segment_on(piece.on) if history else UNSEGMENTED

    def value(self, piece: Piece) -> Decimal | None:
        name = self.customer(piece)
        if name not in self.customers:
            return None
        states = [self.by_name[name].value_on(day) for day in (piece.on - ONE_DAY, piece.on)]
        return max(state.annualised if state.annualised > 0 else state.trailing_12m for state in states)


def measures(told: Told) -> list[Measure]:
    return [
        Measure("feedback", FEEDBACK_KEY, partial(feedback, told=told), "listening"),
        Measure("issue_volume", VOLUME_KEY, partial(issue_volume, told=told), "listening"),
        Measure("close_the_loop", LOOP_KEY, partial(close_the_loop, told=told), "listening"),
    ]


def shown(ref: str) -> str:
    return f"hashed:{md5(ref.encode()).hexdigest()}" if "@" in ref else ref


def feedback(facts: Facts, told: Told) -> list[dict]:
    return [
        {
            "system": piece.system, "object": piece.object, "source_ref": shown(piece.ref), "given_on": piece.on, "kind": piece.kind,
            "is_customer": told.customer(piece) in told.customers, "segment": told.segment(piece),
            "is_aided": piece.kind == "survey_answer", "survey_ref": piece.survey, "metric": piece.metric, "score": piece.score,
            "is_low_score": piece.is_low, "has_words": piece.text is not None, "category": told.categories[piece][0],
            "found_by": told.categories[piece][1], "yearly_value": told.value(piece),
        }
        for piece in told.pieces
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------------- issues


def emergence(items: int, expected: Decimal, weight: Fraction, dispersion: Fraction) -> Decimal:
    with localcontext(prec=50):
        spread = (Decimal(dispersion.numerator) / dispersion.denominator * (1 + six(weight))).sqrt()
        return round_half_up(Fraction(2 * (Decimal(items).sqrt() - expected.sqrt()) / spread), 6)


def six(share: Fraction | None) -> Decimal:
    return half_up(share) or Decimal(0)


def issue_volume(facts: Facts, told: Told) -> list[dict]:
    said = [
        (piece, segment, category)
        for piece in told.pieces
        if told.categories[piece][0]
        for segment in (told.segment(piece), ALL)
        for category in (told.categories[piece][0], ALL)
    ]
    owners = {row["category"]: row for row in told.table("issue_category")}
    has_surveys = any(piece.kind == "survey_answer" for piece in told.pieces)
    rows, counts = [], {}
    for period in heard_periods(facts, told):
        cells: dict[tuple[str, str], list[Piece]] = defaultdict(list)
        for piece, segment, category in said:
            if period.holds(piece.on):
                cells[segment, category].append(piece)
        closing = standing(facts)(min(period.end - ONE_DAY, facts.as_of)).customers
        for (segment, category), pieces in cells.items():
            aided = sum(piece.kind == "survey_answer" for piece in pieces)
            counts[period.kind, period.start, segment, category] = (aided, len(pieces) - aided)
            worth: dict[str, Decimal] = defaultdict(Decimal)
            for piece in pieces:
                if told.customer(piece) in told.customers:
                    worth[told.customer(piece)] = max(worth[told.customer(piece)], told.value(piece))
            active = (
                len(closing[segment]) if value_movements(facts) else None
            )  # of no customers nothing is known
            is_small = (active or 0) < facts.settings.minimum_cell_size
            unknown = len(cells.get((segment, UNCATEGORISED), []))
            rows.append({
                "period_kind": period.kind, "period_start": period.start, "segment": segment, "category": category,
                "owner": owners.get(category, {}).get("owner") or None,
                "aided_items": aided if has_surveys else None, "unaided_items": len(pieces) - aided, "items": len(pieces),
                "all_items": len(cells[segment, ALL]), "item_share": half_up(ratio(len(pieces), len(cells[segment, ALL]))),
                "uncategorised_items": unknown, "uncategorised_share": half_up(ratio(unknown, len(cells[segment, ALL]))),
                "customers": len(worth), "customers_value": sum(worth.values(), Decimal(0)), "active_customers": active,
                "items_per_thousand": None if is_small else half_up(ratio(1000 * len(pieces), active)),
                "is_small_cell": is_small, "is_provisional": period.end - ONE_DAY > facts.as_of,
            })  # fmt: skip
    for row in rows:
        place = (row["period_kind"], row["period_start"], row["segment"])
        beside = [other for other in rows if place == tuple(other[column] for column in VOLUME_KEY[:3])]
        named = [other for other in beside if other["category"] not in (ALL, UNCATEGORISED)]
        for way, number in (("aided", 0), ("unaided", 1)):
            spoken = [(-counts[*place, o["category"]][number], -o["customers"], o["category"]) for o in named]
            order = [category for items, _, category in sorted(spoken) if items]
            row[f"rank_{way}"] = order.index(row["category"]) + 1 if row["category"] in order else None
        both = all(any(counts[*place, o["category"]][number] for o in named) for number in (0, 1))
        if row in named and both:
            row["is_converged"] = all((row[f"rank_{way}"] or 9) <= 3 for way in ("aided", "unaided"))
        else:
            row["is_converged"] = None
        row |= tested(row, counts)
    return rows


def tested(row: dict, counts: dict) -> dict:
    """How often the category was to be expected in a month, and whether it emerges."""
    untold = {"expected_items": None, "emergence_score": None, "is_emerging": None}
    if row["period_kind"] != "month" or row["category"] == ALL:
        return untold | {"why_not_tested": "months_alone" if row["period_kind"] != "month" else "total"}
    month, segment = row["period_start"], row["segment"]
    past = [months_later(month, -back) for back in range(1, 13)]
    past = [m for m in past if sum(counts.get(("month", m, segment, ALL), (0, 0))) >= 10]
    if len(past) < 6:
        return untold | {"why_not_tested": "few_months"}
    totals = {m: counts["month", m, segment, ALL] for m in (*past, month)}
    of_category = {m: counts.get(("month", m, segment, row["category"]), (0, 0)) for m in past}
    volume = [sum(totals[m][way] for m in past) for way in (0, 1)]
    if any(totals[month][way] and not volume[way] for way in (0, 1)):
        return untold | {"why_not_tested": "new_way_of_listening"}

    def expected_in(m: date) -> Decimal:
        shares = [sum(of_category[p][way] for p in past) * totals[m][way] for way in (0, 1)]
        return sum((six(ratio(share, volume[way])) for way, share in enumerate(shares)), Decimal(0))

    squares = sum(Fraction(sum(of_category[m]) - expected_in(m)) ** 2 for m in past)
    total = sum(sum(of_category[m]) for m in past)
    dispersion = squares * len(past) / (total * (len(past) - 1)) if total else Fraction(1)
    weight = max(six(ratio(totals[month][way], volume[way])) for way in (0, 1))
    score = emergence(row["items"], expected_in(month), Fraction(weight), max(Fraction(1), dispersion))
    return {
        "expected_items": expected_in(month), "emergence_score": score,
        "is_emerging": row["items"] >= 5 and score >= 3, "why_not_tested": None,
    }  # fmt: skip


def heard_periods(facts: Facts, told: Told) -> list[Period]:
    """The periods of customer math; where nobody ever moved, those from the first that was said or asked on."""
    if moved := periods(facts, value_movements(facts)):
        return moved
    first = [piece.on for piece in told.pieces]
    first += [day_in(told.zone, row["sent_at"]) for _, row in told.rows("survey_invitations")]
    return periods(facts, [Movement("", min(first), "new", "", NOTHING)]) if first else []


# ------------------------------------------------------------------------------------------------ loop


def close_the_loop(facts: Facts, told: Told) -> list[dict]:
    follow_ups = [(system, row, moment(row["happened_at"])) for system, row in told.rows("follow_ups")]
    cases = []
    for piece in told.pieces:
        kind = (
            ("low_score" if piece.is_low and piece.who else None)
            if piece.kind == "survey_answer"
            else piece.kind
        )
        promises = [row for row in told.table("feedback_promise") if row["kind"] == kind]
        own = [
            row for row in promises if row.get("category") and row["category"] == told.categories[piece][0]
        ]
        for promise in (own or [row for row in promises if not row.get("category")])[:1]:
            for clock, hours in HOURS.items():
                if promise.get(hours):
                    done = done_at(piece, clock, follow_ups, told)
                    cases.append((piece, promise["owner"], clock, *run_of(promise, hours, piece, done, told)))
    rows = []
    for period in heard_periods(facts, told):
        inside = [case for case in cases if period.holds(case[0].on)]
        for owner in sorted({case[1] for case in inside}) + [ALL]:
            for clock in HOURS:
                of_row = [case for case in inside if owner in (case[1], ALL) and case[2] == clock]
                if of_row:
                    key = {
                        "period_kind": period.kind,
                        "period_start": period.start,
                        "owner": owner,
                        "clock": clock,
                    }
                    rows.append(key | loop_row(of_row, follow_ups, told, period.end - ONE_DAY > facts.as_of))
    return rows


def run_of(
    promise: dict, hours: str, piece: Piece, done: datetime | None, told: Told
) -> tuple[bool, float, bool]:
    """Whether the promised time is over, the seconds until it was done (infinite where it was not), whether that was in time."""
    promised = timedelta(hours=int(promise[hours]))
    if promise.get("hours") == "working":
        end = datetime.combine(told.facts.as_of + ONE_DAY, time(), told.zone)
        is_over = worked_between(piece.at, end, told) >= promised
        took = None if done is None else worked_between(piece.at, done, told)
    else:
        is_over = (piece.at + promised).astimezone(told.zone).date() <= told.facts.as_of
        took = None if done is None else done - piece.at
    return (
        is_over,
        float("inf") if took is None else took.total_seconds(),
        took is not None and took <= promised,
    )


def worked_between(start: datetime, end: datetime, told: Told) -> timedelta:
    """How long the company worked, day by day and by its clocks."""
    hours = {row["day"]: row for row in told.table("working_hours")}
    start, end = (at.astimezone(told.zone).replace(tzinfo=None, microsecond=0) for at in (start, end))
    worked, day = timedelta(0), start.date()
    while day <= end.date():
        row = hours.get(str(day)) or hours.get(f"{day:%A}".lower()) or {}
        if row.get("opens_at"):
            opens, closes = (
                datetime.combine(day, time()) + timedelta(hours=int(text[:2]), minutes=int(text[3:]))
                for text in (row["opens_at"], row["closes_at"])
            )
            worked += max(min(closes, end) - max(opens, start), timedelta(0))
        day += ONE_DAY
    return worked


def done_at(piece: Piece, clock: str, follow_ups: list, told: Told) -> datetime | None:
    """When a person first did it."""
    times = [{"contact": piece.contact_at, "resolved": piece.resolved_at}.get(clock)]
    for system, row, at in follow_ups:
        is_it = row["kind"] == clock or (clock, row["kind"]) == ("contact", "told")
        about = (row.get("of_system") or system, row["of_ref"]) == (piece.system, piece.ref)
        if (
            is_it
            and about
            and row.get("of_kind") in ("", None, piece.kind)
            and not is_true(row.get("is_automatic"))
        ):
            times.append(at)
    days = [(at, at.astimezone(told.zone).date()) for at in times if at is not None and at >= piece.at]
    return min((at for at, day in days if day <= told.facts.as_of), default=None)


def is_known(piece: Piece, clock: str, follow_ups: list, told: Told) -> bool:
    of_source = [other for other in told.pieces if (other.system, other.kind) == (piece.system, piece.kind)]
    tells = {"contact": "contact_at", "resolved": "resolved_at"}
    if clock in tells and any(getattr(other, tells[clock]) for other in of_source):
        return True
    return any(
        row["kind"] == clock or (clock, row["kind"]) == ("contact", "told") for _, row, _ in follow_ups
    )


def loop_row(cases: list, follow_ups: list, told: Told, is_open: bool) -> dict:
    fewest = told.facts.settings.minimum_cell_size
    owed = [case for case in cases if is_known(case[0], case[2], follow_ups, told)]
    elapsed = [case for case in owed if case[3]]
    kept = sum(in_time for *_, in_time in elapsed)
    late = sum(seconds < float("inf") and not in_time for *_, seconds, in_time in elapsed)
    hours = sorted(case[4] for case in elapsed)
    median = hours[ceil(len(hours) / 2) - 1] if hours else None
    is_small = len(elapsed) < fewest
    done_share = None if is_small else half_up(ratio(kept + late, len(elapsed)))
    detractors = [case[0] for case in cases if case[0].metric == "nps" and case[0].is_low]
    again = [asked_again(piece, told) for piece in detractors]
    asked, rescued = sum(a for a, _ in again), sum(r for _, r in again)
    grade = None
    if cases[0][2] == "told" and not is_small:
        grade = next(
            (
                letter
                for letter, tenths in zip("ABCD", (9, 8, 7, 6), strict=True)
                if 10 * done_share >= tenths
            ),
            "F",
        )
    return {
        "owed_cases": len(owed), "unknown_cases": len(cases) - len(owed), "elapsed_cases": len(elapsed), "kept_cases": kept,
        "late_cases": late, "overdue_cases": len(elapsed) - kept - late, "missed_cases": len(elapsed) - kept,
        "kept_share": None if is_small else half_up(ratio(kept, len(elapsed))), "done_share": done_share,
        "grade": grade,
        "median_hours": None if median in (None, float("inf")) else half_up(Fraction(int(median), 3600)),
        "why_no_median": "none elapsed" if median is None else "half of them open" if median == float("inf") else None,
        "detractors": len(detractors), "detractors_asked_again": asked, "detractors_rescued": rescued,
        "asked_again_rate": half_up(ratio(asked, len(detractors))) if len(detractors) >= fewest else None,
        "rescue_rate": half_up(ratio(rescued, asked)) if asked >= fewest else None,
        "missing_source": "follow_ups" if len(owed) < len(cases) else None,
        "is_provisional": is_open or len(elapsed) < len(owed), "is_small_cell": is_small,
    }  # fmt: skip


def asked_again(piece: Piece, told: Told) -> tuple[bool, bool]:
    """Whether whoever answered was asked again, and scored 7 or more the next time."""
    me = piece.address or piece.who
    order = sorted(
        (p.at, p.system, p.object, p.ref, p.score)
        for p in told.pieces
        if p.metric == "nps" and p.who and (p.address or p.who) == me
    )
    later = [score for *key, score in order if tuple(key) > (piece.at, piece.system, piece.object, piece.ref)]
    surveys = {(p.system, p.survey) for p in told.pieces if p.metric == "nps"}
    invited = any(
        (row.get("status") or "sent") == "sent"
        and (system, row["survey_ref"]) in surveys
        and (lambda who, address: address or who)(*told.speaker(system, row, row["invitation_ref"])) == me
        and moment(row["sent_at"]) > piece.at
        and day_in(told.zone, row["sent_at"]) <= told.facts.as_of
        for system, row in told.rows("survey_invitations")
    )
    return bool(later) or invited, bool(later) and later[0] >= 7
