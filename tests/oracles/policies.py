"""How agreements count by the company's policies: day by day, each discount asked for on each day.

`counted` takes one agreement of a `plain` system and its discounts, and answers with spans at the price that is left, and
what they bill.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import groupby

from tests.oracles.customer_math import (
    DAYS_IN_AN_INTERVAL,
    MINOR_UNIT_DIGITS,
    MONTHS_IN_AN_INTERVAL,
    ONE_DAY,
    Billed,
    Span,
    billed_in_advance,
    months_later,
    round_half_up,
)


@dataclass(frozen=True)
class Policies:
    trials: str = "not_counted"
    free_plans: str = "not_counted"
    paused: str = "lost"
    past_due_days: str = ""
    cancel_date: str = "service_end"
    recurring_discounts: str = "deducted"
    one_off_discounts: str = "ignored"
    invoice_discounts: str = "deducted"


@dataclass(frozen=True)
class Discount:
    starts_on: date
    ends_on: date | None
    percent: Decimal | None
    amount: Decimal | None
    is_once: bool


def policies_of(rows: Iterable[dict[str, str]]) -> Policies:
    known = {field.name for field in fields(Policies)}
    return next(
        (
            Policies(**{name: text for name, text in row.items() if name in known and text})
            for row in rows
            if row["profile"] == "one_company"
        ),
        Policies(),
    )


def interval_begins(first: date, number: int, interval: str, interval_count: int) -> date:
    if interval in DAYS_IN_AN_INTERVAL:
        return first + timedelta(days=number * interval_count * DAYS_IN_AN_INTERVAL[interval])
    return months_later(first, number * interval_count * MONTHS_IN_AN_INTERVAL[interval])


@cache
def lowered_until(discount: Discount, interval: str, interval_count: int) -> date:
    """The end of the last interval that begins within the discount, counted from its first day."""
    if discount.ends_on is None and not discount.is_once:
        return date.max
    number, until = 0, discount.starts_on
    while number == 0 or (not discount.is_once and until < discount.ends_on):
        number += 1
        until = interval_begins(discount.starts_on, number, interval, interval_count)
    return until


def lowers(discount: Discount, day: date, span: Span) -> bool:
    """Whether the interval that holds a day began within the discount."""
    return discount.starts_on <= day < lowered_until(discount, span.interval, span.interval_count)


def price_on(day: date, span: Span, discounts: Iterable[Discount]) -> Decimal:
    """What an interval costs: shares off first, each of what the one before left, then amounts; never below 0."""
    digits = MINOR_UNIT_DIGITS[span.currency]
    in_force = [discount for discount in discounts if lowers(discount, day, span)]
    price, kept = span.amount, Decimal(1)
    percents = sorted(
        (discount.percent for discount in in_force if discount.percent is not None), reverse=True
    )
    for percent in percents:
        kept = round_half_up(Fraction(kept) * (100 - Fraction(percent)) / 100, 8)
    if percents:
        price = round_half_up(Fraction(span.amount) * Fraction(kept), digits)
    off = sum((discount.amount for discount in in_force if discount.amount is not None), Decimal(0))
    return max(price - round_half_up(Fraction(off), digits), Decimal(0)) if off < price else Decimal(0)


def counted_end(row: dict[str, str], span: Span, policies: Policies) -> date | None:
    """The day on which the agreement ends for the company."""
    ends = [span.valid_to]
    if policies.cancel_date == "request" and span.valid_to and row.get("cancel_requested_on"):
        ends.append(max(span.valid_from, date.fromisoformat(row["cancel_requested_on"])))
    if policies.past_due_days and row.get("unpaid_since"):
        ends.append(date.fromisoformat(row["unpaid_since"]) + timedelta(days=int(policies.past_due_days)))
    return min((end for end in ends if end), default=None)


def billed_since(span: Span, of_line: Iterable[Span]) -> date:
    """The day from which the intervals of an agreement are counted, of those of its line that count on any day.

    It goes on with those of the one that it touches, where that was billed in the same interval.
    """
    for earlier in of_line:
        is_touched = earlier.valid_from < span.valid_from == earlier.valid_to
        is_alike = (earlier.is_billed, earlier.amount == 0) == (span.is_billed, span.amount == 0)
        terms = (span.interval, span.interval_count)
        if is_touched and is_alike and (earlier.interval, earlier.interval_count) == terms:
            return billed_since(earlier, of_line)
    return span.valid_from


def counted(
    span: Span,
    discounts: list[Discount],
    policies: Policies,
    as_of: date,
    is_unbilled: bool,
    is_trial: bool,
    since: date | None = None,
) -> Iterator[tuple[Span, list[Billed]]]:
    """The agreement in stretches of days at one price, each with what it bills; those that do not count are left out.

    After the as-of day nothing changes. Its intervals are counted from `since`, else from its own first day.
    """

    def is_taken(discount: Discount) -> bool:
        return (
            policies.one_off_discounts if discount.is_once else policies.recurring_discounts
        ) == "deducted"

    in_value = [discount for discount in discounts if is_taken(discount)]
    in_bills = discounts if policies.invoice_discounts == "deducted" else []
    horizon = max(as_of + ONE_DAY, span.valid_from + ONE_DAY)
    end = min(span.valid_to or date.max, horizon)
    days = [span.valid_from]
    if discounts:
        days = [span.valid_from + timedelta(days=n) for n in range((end - span.valid_from).days)]
    bills = [] if is_unbilled else list(billed_in_advance(span, as_of, since))
    for price, group in groupby(
        days, lambda day: price_on(day, span, in_value) if span.amount > 0 else span.amount
    ):
        held = list(group)
        is_last = held[-1] == days[-1]
        until = span.valid_to if is_last else held[-1] + ONE_DAY
        if price != 0 or is_trial or policies.free_plans == "counted":
            stretch = replace(
                span,
                valid_from=held[0],
                valid_to=until,
                amount=price,
                list_amount=span.amount,
                is_free_customer=price == 0,
                is_billed=not is_unbilled,
            )
            yield (
                stretch,
                [
                    replace(
                        bill, amount=price_on(bill.on, span, in_bills) if span.amount > 0 else span.amount
                    )
                    for bill in bills
                    if stretch.covers(bill.on)
                ],
            )
