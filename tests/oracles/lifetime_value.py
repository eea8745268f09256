"""Lifetime value the slow way: the months before each close are added up one by one, fractions kept to the end."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.oracles.customer_math import (
    ALL,
    MINOR_UNIT_DIGITS,
    ONE_DAY,
    Facts,
    half_up,
    histories,
    kept_in,
    months_later,
    periods,
    ratio,
    round_half_up,
    segments_of,
    standing,
    value_movements,
)
from tests.oracles.group_profit import cells, total
from tests.oracles.rates import wilson

ZERO = Decimal(0)


def lifetime_value(facts: Facts) -> list[dict]:
    spans = periods(facts, value_movements(facts))
    segments = segments_of(facts, histories(facts))
    starts_on = facts.settings.history_starts_on or date.min
    months = [period for period in spans if period.kind == "month"]
    of_month = cells(facts, months)
    opened: dict[tuple[date, str], int] = {}
    lost: dict[tuple[date, str], int] = {}
    for month in months:
        opening = standing(facts)(max(month.start - ONE_DAY, starts_on)).customers
        kept = kept_in(month, facts)
        for segment in segments:
            opened[month.start, segment] = len(opening[segment])
            lost[month.start, segment] = len(opening[segment] - kept)

    rows = []
    for period in spans:
        closed = min(period.end, (facts.as_of + ONE_DAY).replace(day=1))
        last_twelve = [m.start for m in months if months_later(closed, -12) <= m.start < closed]
        for segment in segments:
            chosen = [
                cell
                for (month, name), cell in of_month.items()
                if month in last_twelve and segment in (name, ALL)
            ]
            revenue = sum((cell.revenue for cell in chosen), ZERO)
            direct_cost = total([cell.direct_cost for cell in chosen])
            rows.append(
                {
                    "period_kind": period.kind,
                    "period_start": period.start,
                    "segment": segment,
                    "currency": facts.settings.reporting_currency,
                    "months_observed": len(last_twelve),
                    **measures(
                        facts,
                        len(last_twelve),
                        sum((cell.customers for cell in chosen), Fraction(0)),
                        revenue,
                        None if direct_cost is None else revenue - direct_cost,
                        sum(opened[month, segment] for month in last_twelve),
                        sum(lost[month, segment] for month in last_twelve),
                    ),
                }
            )
    return rows


def measures(
    facts: Facts,
    months: int,
    customers: Fraction,
    revenue: Decimal,
    gross_profit: Decimal | None,
    opened: int,
    lost: int,
) -> dict:
    settings = facts.settings
    digits = MINOR_UNIT_DIGITS[settings.reporting_currency]
    smallest = settings.minimum_cell_size
    is_small = months == 0 or customers < smallest * months or opened < smallest
    row = {
        "trailing_customer_months": round_half_up(customers, 1),
        "trailing_revenue": revenue,
        "trailing_gross_profit": gross_profit,
        "opening_customer_months": opened,
        "opening_customers_lost": lost,
        "revenue_a_customer_a_month": None,
        "trailing_gross_margin": None,
        "monthly_churn_rate": None if is_small else half_up(ratio(lost, opened)),
        "monthly_churn_rate_low": wilson(lost, 0 if is_small else opened)[0],
        "monthly_churn_rate_high": wilson(lost, 0 if is_small else opened)[1],
        "lifetime_months": None,
        "simple_value": None,
        "discounted_value": None,
        "immediate_value": None,
        "is_capped": None,
        "missing_source": "cost_rate direct_share" if gross_profit is None else None,
        "is_small_cell": is_small,
    }
    if is_small:
        return row
    churn = Fraction(lost, opened)
    longest = Fraction(1, settings.lifetime_horizon_months)
    used, discount = max(churn, longest), Fraction(settings.discount_rate_a_month)
    row["revenue_a_customer_a_month"] = round_half_up(Fraction(revenue) / customers, digits)
    row["lifetime_months"] = half_up(1 / used)
    row["is_capped"] = churn < longest
    if gross_profit is not None:
        margin, kept = Fraction(gross_profit) / customers, 1 - used
        row["trailing_gross_margin"] = half_up(ratio(gross_profit, max(revenue, ZERO)))
        row["simple_value"] = round_half_up(margin / used, digits)
        row["discounted_value"] = round_half_up(margin * kept / (1 + discount - kept), digits)
        row["immediate_value"] = round_half_up(margin * (1 + discount) / (1 + discount - kept), digits)
    return row
