"""Renewals, contract by contract and term by term: what fell due, and whether it was paid on."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tests.oracles.customer_math import (
    ALL,
    DAYS_IN_AN_INTERVAL,
    MINOR_UNIT_DIGITS,
    MONTHS_IN_AN_INTERVAL,
    ONE_DAY,
    UNKNOWN,
    Facts,
    History,
    Period,
    Span,
    half_up,
    histories,
    months_later,
    periods,
    rate_on,
    ratio,
    recurring_value,
    segments_of,
    value_movements,
)
from tests.oracles.rates import wilson

TERMS = ("month", "quarter", "year", "longer")
RENEWAL_KEY = ("period_kind", "period_start", "segment", "term", "value_basis")


@dataclass(frozen=True)
class Due:
    """A contract that fell due on a day, with (mrr, annualised) before it and after."""

    on: date
    term: str
    customer: str
    was: tuple[Decimal, Decimal]
    became: tuple[Decimal, Decimal]
    is_renewed: bool
    is_explained: bool


def term_after(span: Span, anchor: date, terms: int) -> date:
    """The end of so many terms of a span, counted from a day."""
    intervals = terms * span.interval_count
    if span.interval in DAYS_IN_AN_INTERVAL:
        return anchor + timedelta(days=intervals * DAYS_IN_AN_INTERVAL[span.interval])
    return months_later(anchor, intervals * MONTHS_IN_AN_INTERVAL[span.interval])


def term_of(span: Span) -> str:
    if span.interval in DAYS_IN_AN_INTERVAL:
        length, limits = span.interval_count * DAYS_IN_AN_INTERVAL[span.interval], (31, 92, 366)
    else:
        length, limits = span.interval_count * MONTHS_IN_AN_INTERVAL[span.interval], (1, 3, 12)
    return next((term for term, limit in zip(TERMS, limits, strict=False) if length <= limit), "longer")


class Line:
    """The spans of one line that pay, in order, as one customer has them in the end."""

    def __init__(self, spans: list[Span], facts: Facts):
        self.spans = sorted(spans, key=lambda span: span.valid_from)
        self.grace = timedelta(days=facts.settings.grace_days)

    def followed_by(self, span: Span) -> Span | None:
        """The next span, where it begins within grace."""
        later = [other for other in self.spans if other.valid_from > span.valid_from]
        if not later or span.valid_to is None or later[0].valid_from > span.valid_to + self.grace:
            return None
        return later[0]

    def anchor(self, span: Span) -> date:
        """Since when the line is billed in the span's interval without a gap."""
        for earlier in self.spans:
            if earlier.valid_to == span.valid_from and same_terms(earlier, span):
                return self.anchor(earlier)
        return span.valid_from

    def beginnings(self) -> list[Span]:
        followers = [self.followed_by(span) for span in self.spans]
        return [span for span in self.spans if span not in followers]

    def endings(self) -> list[Span]:
        return [span for span in self.spans if span.valid_to and not self.followed_by(span)]

    def stops_on(self, span: Span) -> date:
        """Until when the line pays that a span belongs to, small gaps included."""
        while following := self.followed_by(span):
            span = following
        return span.valid_to or date.max


def same_terms(one: Span, other: Span) -> bool:
    return (one.interval, one.interval_count) == (other.interval, other.interval_count)


def lines_of(facts: Facts) -> list[Line]:
    by_line: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in facts.spans:
        if span.amount > 0 and (span.valid_to is None or span.valid_from < span.valid_to):
            by_line[facts.customer_on(span.customer, facts.as_of), span.line].append(span)
    return [Line(spans, facts) for spans in by_line.values()]


def successors(facts: Facts, lines: list[Line]) -> dict[tuple[str, date], Span]:
    """The span with which another line took an ended one's place, by the ended line and the day it ended."""
    grace, early = facts.settings.grace_days, facts.settings.early_renewal_days
    ended: dict[tuple[str, date], list[Span]] = defaultdict(list)
    for line in lines:
        for span in line.endings():
            ended[facts.customer_on(span.customer, span.valid_to), span.valid_to].append(span)
    began: dict[tuple[str, date], list[Span]] = defaultdict(list)
    for line in lines:
        for span in line.beginnings():
            customer = facts.customer_on(span.customer, span.valid_from)
            near = []
            for of, day in ended:
                late = (span.valid_from - day).days
                is_early = 0 < -late <= early and day < line.stops_on(span)
                if of == customer and (0 <= late <= grace or is_early):
                    near.append((abs(late), day))
            if near:
                began[customer, min(near)[1]].append(span)

    def largest_first(span: Span) -> tuple:
        yearly = worth(facts, span, min(span.valid_from, facts.as_of))[1]
        return (-yearly, *span.line.split("/", 1), span.valid_from)

    return {
        (old.line, old.valid_to): new
        for where, spans in ended.items()
        for old, new in zip(
            sorted(spans, key=largest_first), sorted(began[where], key=largest_first), strict=False
        )
    }


def worth(facts: Facts, span: Span, day: date) -> tuple[Decimal, Decimal]:
    """A span's monthly and yearly value at the rate of a day."""
    digits = MINOR_UNIT_DIGITS[facts.settings.reporting_currency]
    rate = rate_on(facts, span.currency, day)
    return recurring_value(span.amount, span.interval, span.interval_count, rate, digits)


def is_explained(facts: Facts, span: Span, day: date) -> bool:
    """Whether somebody says, near the day, why the line ended, or the customer where no line is named."""
    return any(
        departure.reason != UNKNOWN
        and departure.on <= facts.as_of
        and abs((departure.on - day).days) <= facts.settings.reason_window_days
        and (
            departure.line == span.line
            if departure.line
            else facts.customer_on(departure.customer, day) == facts.customer_on(span.customer, day)
        )
        for departure in facts.departures
    )


def all_due(facts: Facts) -> list[Due]:
    lines = lines_of(facts)
    took_place = successors(facts, lines)
    nothing = (Decimal(0), Decimal(0))
    found = []
    for line in lines:
        for span in line.spans:
            customer_on = facts.customer_on
            ends = min(span.valid_to or date.max, facts.as_of + ONE_DAY)
            terms, anchor = 1, line.anchor(span)
            while (due_on := term_after(span, anchor, terms)) < ends:
                if due_on > span.valid_from:
                    held = worth(facts, span, due_on)
                    customer = customer_on(span.customer, due_on)
                    found.append(Due(due_on, term_of(span), customer, held, held, True, False))
                terms += 1
            if span.valid_to and span.valid_to <= facts.as_of:
                end, following = span.valid_to, line.followed_by(span)
                following = following or took_place.get((span.line, end))
                if due_on == end or not following:
                    became = worth(facts, following, following.valid_from) if following else nothing
                    explained = not following and is_explained(facts, span, end)
                    customer = customer_on(span.customer, end)
                    was = worth(facts, span, end)
                    found.append(
                        Due(end, term_of(span), customer, was, became, following is not None, explained)
                    )
    return found


def renewals(facts: Facts) -> list[dict]:
    everyone = histories(facts)
    of = {history.customer: history for history in everyone}
    all_periods = periods(facts, value_movements(facts))
    first_on = min((period.start for period in all_periods if period.kind == "month"), default=date.max)
    starts_on = facts.settings.history_starts_on or date.min
    cells: dict[tuple[str, str, str], list[Due]] = defaultdict(list)
    for due in all_due(facts):
        if due.on >= first_on and due.on > starts_on:
            history: History = of[due.customer]
            month = f"{due.on:%Y-%m}"
            for segment in (history.segment_on(due.on), ALL):
                for term in (due.term, ALL):
                    cells[month, segment, term].append(due)
    rows = []
    for period in all_periods:
        for segment in segments_of(facts, everyone):
            for term in (*TERMS, ALL):
                in_period = [due for month in months_in(period, facts) for due in cells[month, segment, term]]
                for nth, basis in enumerate(("mrr", "annualised")):
                    key = (period.kind, period.start, segment, term, basis)
                    rows.append(dict(zip(RENEWAL_KEY, key, strict=True)) | cell(facts, in_period, nth))
    return rows


def months_in(period: Period, facts: Facts) -> list[str]:
    firsts = [months_later(period.start, month) for month in range(12)]
    return [f"{first:%Y-%m}" for first in firsts if period.holds(first) and first <= facts.as_of]


def cell(facts: Facts, due: list[Due], nth: int) -> dict:
    n, k = len(due), sum(one.is_renewed for one in due)
    was = sum((one.was[nth] for one in due), Decimal(0))
    became = sum((one.became[nth] for one in due), Decimal(0))
    kept = sum((min(one.was[nth], one.became[nth]) for one in due), Decimal(0))
    is_small = n < facts.settings.minimum_cell_size
    low, high = (None, None) if is_small else wilson(k, n)
    return {
        "currency": facts.settings.reporting_currency,
        "due_contracts": n,
        "renewed_contracts": k,
        "unrenewed_contracts": n - k,
        "explained_contracts": sum(one.is_explained for one in due),
        "renewal_rate": None if is_small else half_up(ratio(k, n)),
        "renewal_rate_low": low,
        "renewal_rate_high": high,
        "due_value": was,
        "renewed_value": became,
        "kept_value": kept,
        "renewal_rate_by_value": None if is_small else half_up(ratio(kept, was)),
        "renewal_value_ratio": None if is_small else half_up(ratio(became, was)),
        "is_small_cell": is_small,
    }
