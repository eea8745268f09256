"""How many of those who were new in a month are still customers in each month since, and what they are worth."""

from datetime import date
from decimal import Decimal

from tests.oracles.customer_math import (
    ALL,
    BASES,
    ONE_DAY,
    Facts,
    Movement,
    groups,
    half_up,
    months_later,
    ratio,
    segments_of,
)
from tests.oracles.held import Company, company_of
from tests.oracles.rates import wilson

KEY = ("cohort_month", "months_since", "segment", "value_basis")


def cohort_retention(facts: Facts) -> list[dict]:
    company = company_of(facts)
    fewest = facts.settings.minimum_cell_size
    months = [period.start for period in company.periods if period.kind == "month"]
    units = units_of(company)
    segments = segments_of(facts, company.everyone)
    rows = []
    for month in months:
        came = [m for m in company.new.values() if m.moved_on.replace(day=1) == month]
        for since in range(len(months)):
            observed = months_later(month, since)
            is_observed = observed <= facts.as_of
            day = min(months_later(observed, 1) - ONE_DAY, facts.as_of)
            left = [share(company, units[m.customer], m, day) for m in came] if since and is_observed else []
            for segment in segments:
                of_segment = [nth for nth, m in enumerate(came) if segment in (m.segment, ALL)]
                is_small = len(of_segment) < fewest
                for basis in BASES:
                    cohort_value = sum((getattr(came[nth].value, basis) for nth in of_segment), Decimal(0))
                    active, value = len(of_segment), cohort_value
                    if since and is_observed:
                        active = sum(left[nth] is not None for nth in of_segment)
                        value = sum((left[nth][basis] for nth in of_segment if left[nth]), Decimal(0))
                    is_told = is_observed and not is_small
                    low, high = wilson(active, len(of_segment) if is_told else 0)
                    rows.append(
                        {
                            **dict(zip(KEY, (month, since, segment, basis), strict=True)),
                            "currency": facts.settings.reporting_currency,
                            "cohort_customers": len(of_segment),
                            "active_customers": active if is_observed else None,
                            "retention": half_up(ratio(active, len(of_segment))) if is_told else None,
                            "retention_low": low,
                            "retention_high": high,
                            "cohort_value": cohort_value,
                            "value": value if is_observed else None,
                            "value_retention": half_up(ratio(value, cohort_value)) if is_told else None,
                            "is_observed": is_observed,
                            "is_small_cell": is_small,
                        }
                    )
    return rows


def units_of(company: Company) -> dict[str, list[str]]:
    """Whom each customer is known to be one with by now, itself included."""
    units = {history.customer: [history.customer] for history in company.everyone}
    for group in groups(pair for moved in company.facts.hand_overs.values() for pair in moved.values()):
        units |= {name: sorted(group) for name in group}
    return units


def share(company: Company, unit: list[str], newcomer: Movement, day: date) -> dict[str, Decimal] | None:
    """What one of those that are one by now is worth on a day, by basis; None where none of them is active.

    All of them are worth what they are at the rates of the day on which the first of them was new. That fills up what
    each was worth when new, one after the other; the first has what is more, unless one was there when history starts.
    """
    if not any(name in company.on(day) for name in unit):
        return None
    news = sorted(
        (company.new[name] for name in unit if name in company.new), key=lambda m: (m.moved_on, m.customer)
    )
    counted = [m for m in news if (m.moved_on.year, m.moved_on.month) <= (day.year, day.month)]
    is_old = any(name in company.on(company.history_starts_on) for name in unit)
    shares = {}
    for basis in BASES:
        left = sum(
            (
                getattr(company.at_any_day[name].value_on(day, at_rates_of=news[0].moved_on), basis)
                for name in unit
            ),
            Decimal(0),
        )
        worth, given = left, {}
        for member in counted:
            cap = getattr(member.value, basis)
            given[member.customer] = max(min(worth, cap), Decimal(0))
            worth -= cap
        if not is_old:
            first = counted[0].customer
            given[first] = left - sum(amount for name, amount in given.items() if name != first)
        shares[basis] = given[newcomer.customer]
    return shares
