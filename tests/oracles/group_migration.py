"""From which group to which customers went between the two ends of each period."""

from collections import defaultdict
from decimal import Decimal

from tests.oracles.customer_math import BASES, Facts
from tests.oracles.held import State, Unit, company_of

KEY = ("period_kind", "period_start", "grouping_name", "from_group", "to_group", "value_basis")


def group_migration(facts: Facts) -> list[dict]:
    company, bands = company_of(facts), facts.settings.value_bands
    rows = []
    for period in company.periods:
        for grouping in ("segment", "value_band") if bands else ("segment",):
            ways: dict[tuple[str, str], list[tuple[State | None, State | None]]] = defaultdict(list)
            for unit in company.held(period):
                for opened, closed in unit.pairs():
                    way = (
                        group(opened, grouping, bands) if opened else came(unit),
                        group(closed, grouping, bands) if closed else went(unit),
                    )
                    ways[way].append((opened, closed))
            for (from_group, to_group), pairs in ways.items():
                for basis in BASES:
                    opening = [getattr(opened.value, basis) for opened, _ in pairs if opened]
                    closing = [getattr(closed.value, basis) for _, closed in pairs if closed]
                    key = (period.kind, period.start, grouping, from_group, to_group, basis)
                    rows.append(
                        {
                            **dict(zip(KEY, key, strict=True)),
                            "currency": facts.settings.reporting_currency,
                            "customers": len(pairs),
                            "opening_customers": len(opening),
                            "closing_customers": len(closing),
                            "opening_value": sum(opening, Decimal(0)),
                            "closing_value": sum(closing, Decimal(0)),
                        }
                    )
    return rows


def group(state: State, grouping: str, bands: dict[str, Decimal]) -> str:
    """A customer's segment, or the band of what it is worth a year."""
    if grouping == "segment":
        return state.segment
    yearly = state.value.annualised or state.value.trailing_12m
    reached = [(at_least, name) for name, at_least in bands.items() if at_least <= yearly]
    return max(reached)[1] if reached else "below_bands"


def came(unit: Unit) -> str:
    if unit.opening:
        return "split"
    return "new" if unit.is_new else "won_back"


def went(unit: Unit) -> str:
    return "merged" if unit.closing else "lost"
