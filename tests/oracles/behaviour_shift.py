"""Whether customers are worth more or less a year than twelve months before."""

from collections import Counter
from datetime import date
from decimal import Decimal

from tests.oracles.customer_math import ALL, Facts, half_up, months_later, ratio, segments_of
from tests.oracles.held import ONE_DAY, Company, Unit, company_of
from tests.oracles.rates import wilson

KEY = ("period_kind", "period_start", "segment")


def behaviour_shift(facts: Facts) -> list[dict]:
    company = company_of(facts)
    fewest = facts.settings.minimum_cell_size
    rows = []
    for period in company.periods:
        twelve_months = company.twelve_months(period)
        # segment, behaviour and baseline of each customer of the closing
        told: list[tuple[str, str, Decimal]] = []
        if twelve_months is None:
            closing = company.on(company.closing_day(period)).values()
            told = [(state.segment, "no_baseline", Decimal(0)) for state in closing]
        else:
            opened_on = company.opening_day(twelve_months)
            for unit in company.held(twelve_months):
                behaviour, baseline = behaviour_of(company, unit, opened_on)
                for nth, state in enumerate(unit.closing):
                    told.append((state.segment, behaviour, Decimal(0) if nth else baseline))
        for segment in segments_of(facts, company.everyone):
            of_segment = [row for row in told if segment in (row[0], ALL)]
            counted = Counter(behaviour for _, behaviour, _ in of_segment)
            compared = len(of_segment) - counted["no_baseline"]
            is_small = compared < fewest
            baseline = sum((row[2] for row in of_segment), Decimal(0))
            declined = sum((row[2] for row in of_segment if row[1] == "down"), Decimal(0))
            low, high = wilson(counted["down"], 0 if is_small else compared)
            rows.append(
                {
                    "period_kind": period.kind,
                    "period_start": period.start,
                    "segment": segment,
                    "currency": facts.settings.reporting_currency,
                    "closing_customers": len(of_segment),
                    **{f"{way}_customers": counted[way] for way in ("up", "flat", "down", "no_baseline")},
                    "compared_customers": compared,
                    "declining_share": None if is_small else half_up(ratio(counted["down"], compared)),
                    "declining_share_low": low,
                    "declining_share_high": high,
                    "baseline_value": baseline,
                    "declined_baseline_value": declined,
                    "engagement_decline_rate": None if is_small else half_up(ratio(declined, baseline)),
                    "is_small_cell": is_small,
                }
            )
    return rows


def behaviour_of(company: Company, unit: Unit, opened_on: date) -> tuple[str, Decimal]:
    """By contracts a year where there were any, else by what was bought in twelve months, if it could be for as long."""

    def yearly(states: list, basis: str, value: str = "value") -> Decimal:
        return sum((getattr(getattr(state, value), basis) for state in states), Decimal(0))

    contracts, contracts_now = yearly(unit.opening, "annualised"), yearly(unit.closing, "annualised")
    bought, bought_now = yearly(unit.opening, "trailing_12m"), yearly(unit.closing, "trailing_12m")
    if unit.opening and unit.closing and contracts > 0:
        baseline, now = contracts, yearly(unit.closing, "annualised", "at_opening_rates")
    elif (
        unit.opening
        and unit.closing
        and contracts == contracts_now == 0
        and bought > 0
        and company.was_active_by(unit.members, months_later(opened_on + ONE_DAY, -12) - ONE_DAY)
    ):
        baseline, now = bought, bought_now
    else:
        return "no_baseline", Decimal(0)
    percent = company.facts.settings.behaviour_shift_percent
    if 100 * now > (100 + percent) * baseline:
        return "up", baseline
    return ("down" if 100 * now < (100 - percent) * baseline else "flat"), baseline
