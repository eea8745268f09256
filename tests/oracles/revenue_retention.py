"""Revenue retention, from every customer's state at the two ends of each period and of twelve months."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracles.customer_math import ALL, BASES, Facts, Period, customer_math, half_up, ratio, segments_of
from tests.oracles.held import Unit, company_of, worth
from tests.oracles.rates import wilson

KEY = ("period_kind", "period_start", "segment", "value_basis")
FLOWS = ("new_value", "won_back_value", "expansion_value", "contraction_value", "lost_value")
PERIODS_IN_A_YEAR = {"month": 12, "quarter": 4, "year": 1}


def revenue_retention(facts: Facts) -> list[dict]:
    company = company_of(facts)
    fewest = facts.settings.minimum_cell_size
    flows = {tuple(row[column] for column in KEY): row for row in customer_math(facts)}
    rows = []
    for period in company.periods:
        units, twelve_months = company.held(period), company.twelve_months(period)
        units_12m = company.held(twelve_months) if twelve_months else None
        for segment in segments_of(facts, company.everyone):
            for basis in BASES:
                key = (period.kind, period.start, segment, basis)
                kept, kept_12m = told(units, segment, basis, fewest), told(units_12m, segment, basis, fewest)
                rows.append(
                    {
                        **dict(zip(KEY, key, strict=True)),
                        "currency": facts.settings.reporting_currency,
                        **kept,
                        **{lengthened(column): value for column, value in kept_12m.items()},
                        **by_movements(flows[key], kept),
                        "annualised_logo_churn": annualised_churn(kept, period, facts),
                    }
                )
    return rows


def lengthened(column: str) -> str:
    """A column's name for twelve months; bounds end in what they are."""
    for bound in ("_low", "_high"):
        if column.endswith(bound):
            return f"{column.removesuffix(bound)}_12m{bound}"
    return f"{column}_12m"


def told(units: list[Unit] | None, segment: str, basis: str, fewest: int) -> dict:
    """Who of a segment's opening was kept, and what of its value; nothing is told where there is no such window."""
    opened = kept = 0
    opening = retained = protected = Decimal(0)
    for unit in units or []:
        for state, retained_of_it, protected_of_it in unit.kept_of_each(basis):
            if segment in (state.segment, ALL):
                opened += 1
                kept += bool(unit.closing)
                opening += worth(state.value, basis)
                retained += retained_of_it
                protected += protected_of_it
    is_small = opened < fewest
    low, high = wilson(kept, 0 if is_small else opened)
    churn_low, churn_high = wilson(opened - kept, 0 if is_small else opened)
    found = {
        "opening_customers": opened,
        "kept_customers": kept,
        "lost_of_opening": opened - kept,
        "logo_retention": None if is_small else half_up(ratio(kept, opened)),
        "logo_retention_low": low,
        "logo_retention_high": high,
        "logo_churn": None if is_small else half_up(ratio(opened - kept, opened)),
        "logo_churn_low": churn_low,
        "logo_churn_high": churn_high,
        "opening_value": opening,
        "retained_value": retained,
        "protected_value": protected,
        "net_revenue_retention": None if is_small else half_up(ratio(retained, opening)),
        "gross_revenue_retention": None if is_small else half_up(ratio(protected, opening)),
        "is_small_cell": is_small,
    }
    return found if units is not None else dict.fromkeys(found)


def by_movements(flow: dict, kept: dict) -> dict:
    """What follows from the period's flows; of few customers no rate is told."""
    opening, lost = kept["opening_value"], flow["contraction_value"] + flow["lost_value"]
    rates = {
        "net_revenue_retention_by_movements": ratio(opening + flow["expansion_value"] - lost, opening),
        "gross_revenue_retention_by_movements": ratio(opening - lost, opening),
        "quick_ratio": ratio(flow["new_value"] + flow["expansion_value"], lost),
        "quick_ratio_incl_won_back": ratio(
            flow["new_value"] + flow["won_back_value"] + flow["expansion_value"], lost
        ),
    }
    return {
        **{column: flow[column] for column in FLOWS},
        **{column: None if kept["is_small_cell"] else half_up(rate) for column, rate in rates.items()},
    }


def annualised_churn(kept: dict, period: Period, facts: Facts) -> Decimal | None:
    """The churn of a year of such periods; of a part of one nothing is told, since what is to come, or was before history,
    would count as kept."""
    starts_on = facts.settings.history_starts_on
    is_part = facts.as_of < period.end - timedelta(days=1) or (starts_on and period.start <= starts_on)
    if kept["is_small_cell"] or is_part:
        return None
    share = Fraction(kept["kept_customers"], kept["opening_customers"])
    return half_up(1 - share ** PERIODS_IN_A_YEAR[period.kind])
