"""What is told otherwise of closed periods, customer by customer and movement by movement."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal

from tests.oracles.customer_math import ALL, BASES, COMES, GOES, Movement, Period

Key = tuple[str, object, str, str, str]  # period_kind, period_start, segment, value_basis, measure
GROWS = ("new", "won_back", "expansion")
SHRINKS = ("lost", "contraction")


def figures(math: Iterable[dict], measures: Collection[str]) -> dict[Key, Decimal]:
    """Customer math as one number per key."""
    return {
        (row["period_kind"], row["period_start"], row["segment"], row["value_basis"], measure): Decimal(row[measure])
        for row in math
        for measure in measures
    }  # fmt: skip


def causes_of(
    before: list[Movement], after: list[Movement], remade: Collection[str], periods: Iterable[Period]
) -> dict[Key, dict[str, Decimal]]:
    """The part of each cause in the difference of each figure; `remade`: customers whose records are others now.

    What customers bring to `all` and take from it follows from several customers together, and is not told here.
    """
    told: dict[Key, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for customer in {movement.customer for movement in (*before, *after)}:
        was = [movement for movement in before if movement.customer == customer]
        now = [movement for movement in after if movement.customer == customer]
        other = [movement for movement in was if movement not in now] + [m for m in now if m not in was]
        if not other:
            continue
        first = min(movement.moved_on for movement in other)
        was_told = any(movement.moved_on == first for movement in was if movement not in now)
        for period in periods:
            if first >= period.end:
                continue
            cause = "late" if period.holds(first) else "back_dated"
            cause = "corrected" if was_told else cause
            cause = "identity" if customer in remade else cause
            for sign, movements in ((-1, was), (1, now)):
                for key, amount in bridge(movements, period):
                    told[key][cause] += sign * amount
    return {
        key: parts
        for key, found in told.items()
        if (parts := {cause: amount for cause, amount in found.items() if amount})
    }


def bridge(movements: list[Movement], period: Period) -> Iterable[tuple[Key, Decimal]]:
    """What one customer adds to each figure of a period."""
    for movement in movements:
        if movement.moved_on >= period.end:
            continue
        for segment in (movement.segment, ALL):
            for basis in BASES:
                key = (period.kind, period.start, segment, basis)
                for measure, amount in effect(
                    movement, getattr(movement.value, basis), period.holds(movement.moved_on)
                ):
                    if segment != ALL or not measure.startswith("transferred"):
                        yield (*key, measure), Decimal(amount)


def effect(movement: Movement, value: Decimal, is_within: bool) -> Iterable[tuple[str, Decimal | int]]:
    kind = movement.movement
    head = 1 if kind in ("new", "won_back", "transferred_in", "split") else 0
    head = -1 if kind in ("lost", "transferred_out", "merged") else head
    worth = value if kind in (*GROWS, *COMES, "fx") else -value
    yield "closing_customers", head
    yield "closing_value", worth
    if not is_within:
        yield "opening_customers", head
        yield "opening_value", worth
        return
    if kind in (*GROWS, *SHRINKS):
        yield f"{kind}_value", value
        yield "net_value", worth
    if kind in ("new", "won_back", "lost"):
        yield f"{kind}_customers", 1
        yield "net_customers", head
    if kind in ("merged", "split"):
        yield "merged_customers", -head
    if kind in ("transferred_in", "transferred_out"):
        yield f"{kind}_customers", 1
    if kind in COMES:
        yield "transferred_in_value", value
    if kind in GOES:
        yield "transferred_out_value", value
    if kind == "fx":
        yield "fx_value", value
