"""Recognised revenue the slow way: every day that a contract covers is looked at by itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache

from tests.oracles.customer_math import (
    INTERVALS_IN_A_MONTH,
    MINOR_UNIT_DIGITS,
    ONE_DAY,
    Facts,
    History,
    Span,
    months_later,
    rate_on,
    round_half_up,
)


@dataclass(frozen=True)
class Earned:
    """What one record earned in a month, by one span at one rate or by what was sold or used on one day; `first_on` is
    the first day of it."""

    record: str
    first_on: date
    amount: Decimal

    @property
    def month(self) -> date:
        return self.first_on.replace(day=1)


def recognised(facts: Facts) -> list[Earned]:
    """All that was earned up to the as-of day, in the reporting currency."""
    digits = MINOR_UNIT_DIGITS[facts.settings.reporting_currency]
    earned = [piece for span in unbroken(facts.spans) for piece in earned_by(facts, span, digits)]
    for sale in (*facts.purchases, *facts.usage):
        if sale.on <= facts.as_of:
            worth = Fraction(sale.amount) * Fraction(rate_on(facts, sale.currency, sale.on))
            earned.append(Earned(sale.customer, sale.on, round_half_up(worth, digits)))
    return [piece for piece in earned if piece.amount]


def unbroken(spans: Iterable[Span]) -> list[Span]:
    """The spans that earn anything; those of a line that follow each other at one price are one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.customer, span.line, price_of(span), span.valid_from)):
        if span.amount and span.is_billed and (span.valid_to is None or span.valid_from < span.valid_to):
            last = found[-1] if found else None
            if last and (last.customer, last.line, price_of(last), last.valid_to) == (
                span.customer, span.line, price_of(span), span.valid_from,
            ):  # fmt: skip
                found[-1] = replace(last, valid_to=span.valid_to)
            else:
                found.append(span)
    return found


def price_of(span: Span) -> tuple[Decimal, str, str, int]:
    return span.amount, span.currency, span.interval, span.interval_count


def earned_by(facts: Facts, span: Span, digits: int) -> Iterator[Earned]:
    """The span's days, those that share a month and a row of the table of rates together."""
    rows = facts.rates.get(span.currency, [])
    if span.currency == facts.settings.reporting_currency:
        rows = []
    row_on = cache(lambda day: max((since for since, _ in rows if since <= day), default=date.min))
    days_of: dict[tuple[date, date], list[date]] = {}
    day = span.valid_from
    while day <= facts.as_of and (span.valid_to is None or day < span.valid_to):
        days_of.setdefault((day.replace(day=1), row_on(day)), []).append(day)
        day += ONE_DAY
    for (month, _), days in days_of.items():
        a_month = Fraction(span.amount) * INTERVALS_IN_A_MONTH[span.interval] / span.interval_count
        share = Fraction(len(days), (months_later(month, 1) - month).days)
        rate = Fraction(rate_on(facts, span.currency, days[0]))
        yield Earned(span.customer, days[0], round_half_up(a_month * rate * share, digits))


def segment_of(facts: Facts, everyone: dict[str, History], piece: Earned) -> str:
    """That of whoever the record was on the first day earned."""
    return everyone[facts.customer_on(piece.record, piece.first_on)].segment_on(piece.first_on)
