"""Losses by their kind: who chose to leave, who failed to pay, who could not stay, and of whom it is not known."""

from decimal import Decimal

from tests.oracles.customer_math import (
    ALL,
    BASES,
    UNKNOWN,
    Facts,
    half_up,
    histories,
    periods,
    ratio,
    segments_of,
    value_movements,
)
from tests.oracles.rates import wilson

KINDS = ("voluntary", "involuntary", "uncontrollable", UNKNOWN)
LOSS_KEY = ("period_kind", "period_start", "segment", "value_basis")


def loss_summary(facts: Facts) -> list[dict]:
    everyone = histories(facts)
    movements = value_movements(facts)
    rows = []
    for period in periods(facts, movements):
        in_period = [m for m in movements if m.movement == "lost" and period.holds(m.moved_on)]
        for segment in segments_of(facts, everyone):
            lost = [loss for loss in in_period if segment in (loss.segment, ALL)]
            by_kind = {
                kind: [loss for loss in lost if facts.loss_kinds.get(loss.reason, UNKNOWN) == kind]
                for kind in KINDS
            }
            known = sum(loss.reason != UNKNOWN for loss in lost)
            is_small = len(lost) < facts.settings.minimum_cell_size
            low, high = (None, None) if is_small else wilson(known, len(lost))
            for basis in BASES:
                worth = {
                    kind: sum((getattr(loss.value, basis) for loss in of_kind), Decimal(0))
                    for kind, of_kind in by_kind.items()
                }
                key = (period.kind, period.start, segment, basis)
                rows.append(
                    {
                        **dict(zip(LOSS_KEY, key, strict=True)),
                        "currency": facts.settings.reporting_currency,
                        "lost_customers": len(lost),
                        **{f"{kind}_lost_customers": len(of_kind) for kind, of_kind in by_kind.items()},
                        "known_reason_customers": known,
                        "reason_coverage": None if is_small else half_up(ratio(known, len(lost))),
                        "reason_coverage_low": low,
                        "reason_coverage_high": high,
                        "is_small_cell": is_small,
                        "lost_value": sum(worth.values(), Decimal(0)),
                        **{f"{kind}_lost_value": value for kind, value in worth.items()},
                    }
                )
    return rows
