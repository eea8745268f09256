"""Profit of customer groups the slow way: each month and segment is costed by itself, each ticket on its day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.oracles.customer_math import (
    ALL,
    MINOR_UNIT_DIGITS,
    ONE_DAY,
    CostRate,
    Facts,
    Period,
    half_up,
    histories,
    periods,
    ratio,
    round_half_up,
    segments_of,
    standing,
    value_movements,
)
from tests.oracles.recognised_revenue import recognised, segment_of

ZERO = Decimal(0)


@dataclass(frozen=True)
class Cell:
    """A segment in a month. What is missing is None."""

    customers: Fraction  # the mean of those it opened and closed with
    revenue: Decimal
    direct_cost: Decimal | None
    tickets: int | None
    cost_to_serve: Decimal | None
    is_allocated: bool


def rate_of(facts: Facts, cost: str, segment: str, day: date) -> CostRate | None:
    """The segment's own rate once it has one, else that of all."""
    for name in (segment, ALL):
        in_force = [
            rate
            for rate in facts.cost_rates
            if (rate.cost, rate.segment) == (cost, name) and rate.from_day <= day
        ]
        if in_force:
            return max(in_force, key=lambda rate: rate.from_day)
    return None


def cells(facts: Facts, months: list[Period]) -> dict[tuple[date, str], Cell]:
    """Every month and segment, without `all`."""
    by_name = {history.customer: history for history in histories(facts)}
    digits = MINOR_UNIT_DIGITS[facts.settings.reporting_currency]
    starts_on = facts.settings.history_starts_on or date.min
    revenue: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for piece in recognised(facts):
        revenue[piece.month, segment_of(facts, by_name, piece)] += piece.amount
    asked: dict[tuple[date, str], list[CostRate | None]] = defaultdict(list)
    customers = ever_customers(facts)
    for ticket in facts.tickets or ():
        name = facts.customer_on(ticket.customer, ticket.on)
        if name in customers and ticket.on <= facts.as_of:
            segment = by_name[name].segment_on(ticket.on)
            asked[ticket.on.replace(day=1), segment].append(rate_of(facts, "ticket", segment, ticket.on))

    found = {}
    for month in months:
        opening = standing(facts)(max(month.start - ONE_DAY, starts_on)).customers
        closing = standing(facts)(min(month.end - ONE_DAY, facts.as_of)).customers
        for segment in segments_of(facts, histories(facts))[:-1]:
            earned = revenue[month.start, segment]
            share = rate_of(facts, "direct_share", segment, month.start)
            if not earned:
                direct_cost = ZERO
            elif share:
                direct_cost = round_half_up(Fraction(earned) * Fraction(share.amount), digits)
            else:
                direct_cost = None
            rates = asked[month.start, segment]
            served = [round_half_up(Fraction(rate.amount), digits) for rate in rates if rate]
            is_served = facts.tickets is not None and len(served) == len(rates)
            used = [rate for rate in (*rates, share if earned else None) if rate]
            found[month.start, segment] = Cell(
                customers=Fraction(len(opening[segment]) + len(closing[segment]), 2),
                revenue=earned,
                direct_cost=direct_cost,
                tickets=None if facts.tickets is None else len(rates),
                cost_to_serve=sum(served, ZERO) if is_served else None,
                is_allocated=any(rate.segment == ALL for rate in used),
            )
    return found


def ever_customers(facts: Facts) -> set[str]:
    """Whoever moved, or was there when history starts."""
    starts_on = facts.settings.history_starts_on
    there = standing(facts)(starts_on).customers[ALL] if starts_on else set()
    return {movement.customer for movement in value_movements(facts)} | there


def total(values: list) -> Decimal | int | None:
    """Their sum; None where one is missing."""
    return None if any(value is None for value in values) else sum(values)


def missing_source(direct_cost: Decimal | None, tickets: int | None, cost: Decimal | None) -> str | None:
    missing = ["cost_rate direct_share"] if direct_cost is None else []
    if tickets is None:
        missing.append("tickets")
    elif cost is None:
        missing.append("cost_rate ticket")
    return ", ".join(missing) or None


def less(amount: Decimal | None, *others: Decimal | None) -> Decimal | None:
    return None if amount is None or None in others else amount - sum(others)


def group_profit(facts: Facts) -> list[dict]:
    spans = periods(facts, value_movements(facts))
    of_month = cells(facts, [period for period in spans if period.kind == "month"])
    rows = []
    for period in spans:
        for segment in segments_of(facts, histories(facts)):
            chosen = {
                key: cell
                for key, cell in of_month.items()
                if period.holds(key[0]) and segment in (key[1], ALL)
            }
            months = len({month for month, _ in chosen})
            customers = sum(cell.customers for cell in chosen.values())
            revenue = sum((cell.revenue for cell in chosen.values()), ZERO)
            direct_cost = total([cell.direct_cost for cell in chosen.values()])
            tickets = total([cell.tickets for cell in chosen.values()])
            cost = total([cell.cost_to_serve for cell in chosen.values()])
            is_small = customers < facts.settings.minimum_cell_size * months
            base = 0 if is_small else max(revenue, ZERO)
            gross_profit, contribution = less(revenue, direct_cost), less(revenue, direct_cost, cost)
            rows.append(
                {
                    "period_kind": period.kind,
                    "period_start": period.start,
                    "segment": segment,
                    "currency": facts.settings.reporting_currency,
                    "customer_months": round_half_up(customers, 1),
                    "revenue": revenue,
                    "direct_cost": direct_cost,
                    "gross_profit": gross_profit,
                    "tickets": tickets,
                    "cost_to_serve": cost,
                    "contribution": contribution,
                    "gross_margin": None if gross_profit is None else half_up(ratio(gross_profit, base)),
                    "contribution_margin": None
                    if contribution is None
                    else half_up(ratio(contribution, base)),
                    "is_cost_allocated": any(cell.is_allocated for cell in chosen.values()),
                    "missing_source": missing_source(direct_cost, tickets, cost),
                    "is_small_cell": is_small,
                }
            )
    return rows
