"""The planted truth: what a warehouse that reads the exports should find out, one CSV per question."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import floor
from pathlib import Path

from simulator.catalogue import major
from simulator.days import iso
from simulator.files import Table
from simulator.past import Past, Span
from simulator.plants import HEADER as PLANTS
from simulator.reference import Reference

INTERVALS_IN_A_MONTH = {"week": Fraction(52, 12), "month": Fraction(1), "year": Fraction(1, 12)}
UNKNOWN = "unknown"
COUNTED = (
    "invited",
    "sent",
    "bounced",
    "suppressed",
    "opened",
    "started",
    "finished",
    "scored",
)  # of a survey


@dataclass(frozen=True)
class BadRow:
    """A record that has to be refused, and the field that is wrong; None: the record as a whole."""

    file: str
    record: int
    field: str | None
    what: str


class Truth:
    """Writes the truth of one customer after the other."""

    def __init__(self, folder: Path, reference: Reference, last: int):
        self.reference, self.last = reference, last

        def table(name: str, header: str) -> Table:
            return Table(folder / f"{name}.csv", header.split(","))

        self.customers = table("customers", "true_customer,kind,story,acquisition_source")
        self.segments = table("segments", "true_customer,segment,valid_from")
        self.records = table("records", "vendor,system,object,source_ref,true_customer")
        self.spans = table(
            "spans", "true_customer,line,valid_from,valid_to,amount,currency,interval,interval_count"
        )
        self.billed = table("billed", "true_customer,billed_on,amount,currency")
        self.usage = table("usage", "true_customer,billed_on,amount,currency")
        self.purchases = table("purchases", "true_customer,purchased_on,amount,currency")
        self.departures = table("departures", "true_customer,departed_on,reason")
        self.losses = table("losses", "true_customer,lost_on,reason")
        self.movements = table("movements", "true_customer,moved_on,movement")
        self.heard = table("heard", "vendor,object,source_ref,true_customer")
        self.silo_metrics = table("silo_metrics", "silo,metric,customer_metric,lag_months,is_conflict")
        self.bad_rows = table("bad_rows", "file,record,field,what")
        record = "vendor,system,object,source_ref"
        self.plants = table("plants", PLANTS)
        self.surveys = table("surveys", f"vendor,system,survey_ref,{','.join(COUNTED)}")
        self.said = table("said", f"{record},category")
        self.staff_answers = table("staff_answers", record)
        self.pressed = table("pressed", "true_customer,email,first_on,last_on,sends,breaches")
        asked = "asked_vendor,asked_system,asked_object,asked_ref,asked_on"
        self.leaks = table("leaks", f"true_customer,{record},opted_out_on,{asked}")

    def add(self, past: Past) -> None:
        who = past.customer
        self.customers.add((who, past.kind, past.story, past.acquisition_source))
        self.segments.extend(
            [(who, segment, iso(since) if since else "") for segment, since in past.segments]
        )
        self.records.extend([(*record, who) for record in past.records])
        self.heard.extend([(*heard, who if is_told else "") for *heard, is_told in past.heard])
        self.spans.extend(
            [
                (who, s.line, iso(s.start), iso(s.end) if s.end else "", major(s.amount, s.currency),
                 s.currency.upper(), s.interval, s.intervals)
                for s in past.spans
            ]
        )  # fmt: skip
        for table, amounts in (
            (self.billed, past.billed),
            (self.usage, past.usage),
            (self.purchases, past.purchases),
        ):
            table.extend(
                [(who, iso(day), major(amount, code), code.upper()) for day, amount, code in amounts]
            )
        self.departures.extend(
            [(who, iso(day), reason) for day, reason in past.departures if day <= self.last]
        )
        for day, movement in movements(past, self.reference, self.last):
            self.movements.add((who, iso(day), movement))
            if movement == "lost":
                reasons = [reason for on, reason in past.departures if on == day]
                self.losses.add((who, iso(day), min(reasons, default=UNKNOWN)))

        self.said.extend(past.said)
        self.staff_answers.extend(past.staff_answers)
        self.pressed.extend([(who, *pressed) for pressed in past.pressed])
        self.leaks.extend([(who, *leak) for leak in past.leaks])

    def add_bad_row(self, row: BadRow) -> None:
        self.bad_rows.add((row.file, row.record, row.field or "", row.what))

    def tables(self) -> list[Table]:
        return [table for table in vars(self).values() if isinstance(table, Table)]


def movements(past: Past, reference: Reference, last: int) -> Iterator[tuple[int, str]]:
    """(day, movement) of everything commercial that changed who is a customer or what they pay a month.

    From the day after history starts up to the last day, from the spans alone.
    """
    spans = bridged(past.spans, reference.grace_days)
    windows = [
        (day, day + reference.lapse_days(segment_on(past, day)), amount) for day, amount, _ in past.purchases
    ]
    held = [*((s.start, s.end) for s in spans), *((start, end) for start, end, _ in windows)]
    was_ever_active = was_active = False
    for day in sorted({day for stretch in held for day in stretch if day is not None and day <= last}):
        is_active = any(start <= day and (end is None or day < end) for start, end in held)
        movement = ""
        if is_active and not was_active:
            movement = "won_back" if was_ever_active else "new"
        elif was_active and not is_active:
            movement = "lost"
        elif is_active:
            change = monthly(spans, day, day, reference) - monthly(spans, day - 1, day, reference)
            movement = "expansion" if change > 0 else "contraction" if change < 0 else ""
        if movement and day > reference.history_starts_on:
            yield day, movement
        was_active = is_active
        was_ever_active = was_ever_active or is_active


def segment_on(past: Past, day: int) -> str:
    """The segment held on a day; the first one seen holds since the beginning."""
    held = [segment for segment, since in past.segments if since is None or since <= day]
    return held[-1] if held else ""


def bridged(spans: list[Span], grace_days: int) -> list[Span]:
    """The spans, where a gap of at most `grace_days` in a line is held at the earlier amount."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.line, span.start)):
        earlier = found[-1] if found else None
        if (
            earlier
            and earlier.line == span.line
            and 0 < span.start - (earlier.end or span.start) <= grace_days
        ):
            found[-1] = Span(**{**vars(earlier), "end": span.start})
        found.append(span)
    return found


def monthly(spans: list[Span], held_on: int, rates_of: int, reference: Reference) -> Decimal:
    """What the spans held on a day are worth a month, at the rates of another day."""
    return sum(
        (
            monthly_amount(
                s.amount, s.currency, s.interval, s.intervals, reference.rate(s.currency, rates_of)
            )
            for s in spans
            if s.start <= held_on and (s.end is None or held_on < s.end)
        ),
        Decimal(0),
    )


@lru_cache(maxsize=100_000)
def monthly_amount(amount: int, currency: str, interval: str, intervals: int, rate: Decimal) -> Decimal:
    """One span's price a month in the reporting currency, rounded once, half up to two places."""
    exact = Fraction(major(amount, currency)) * Fraction(rate) * INTERVALS_IN_A_MONTH[interval] / intervals
    return Decimal(floor(exact * 100 + Fraction(1, 2))).scaleb(-2)
