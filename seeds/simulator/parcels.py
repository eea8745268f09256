"""What becomes of an order in the shop: touchpoint events of its checkout, its packing and its arrival.

Whoever packs is paid for speed. In a month in which the warehouse is pressed parcels go out faster and more of them empty: the
packing keeps its own promise, and the arrival does not. How hard it is pressed follows the losses that the whole sample company
has two months later, so that these look as if they came of it. They were there first: no customer leaves because of this file.
"""

from datetime import date
from pathlib import Path
from random import Random

from simulator.days import iso
from simulator.files import Table

CONFLICTS = (  # silo, metric, customer metric, lag in months, whether its months go with worse ones of customers
    ("warehouse", "Minutes to pack", "handoff_loss_customers", 0, "true"),
    ("warehouse", "Minutes to pack", "lost_customers", 2, "true"),
    (
        "finance",
        "Invoices sent",
        "lost_customers",
        2,
        "false",
    ),  # as many as were sent: it grows with the company
)
EVENTS = "event_ref,touchpoint,customer_ref,occurred_at,conforming,silo,minutes"
PRESSED = (  # by months before the last one; from the third on as many as the customers lost two months later
    26, 17, 37, 19, 21, 18, 13, 13, 17, 13, 18, 27, 13, 13, 19, 15, 9, 9, 9, 11, 13, 7, 13, 14, 9, 7, 10, 11, 10, 7, 5, 8,
    2, 6, 5, 1,
)  # fmt: skip
CALM = 10  # how hard it is pressed in months before these
EMPTY_FROM, EMPTY_EACH = 6, 0.05  # from how hard on boxes go out empty, and which share more for each step
SLOWEST, FASTER_EACH = 75, 1.5  # minutes to pack


class ParcelFiles:
    def __init__(self, folder: Path, extracted: int, last: int):
        self.last = last
        self.events = Table(folder / f"touchpoint_events_{iso(extracted)}.csv", EVENTS.split(","))

    def order(self, purchase: str, customer: str, day: int, rng: Random) -> tuple[int, bool] | None:
        """One order on its way. What lies after the last day has not happened yet. Returns when it arrived and whether as
        promised."""
        pressed = self.pressed(day)
        is_empty = rng.random() < EMPTY_EACH * (pressed - EMPTY_FROM)
        minutes = round(max(5, rng.gauss(SLOWEST - FASTER_EACH * pressed, 6)), 1)
        self.event(f"{purchase}/c", "checkout", customer, day, 11, "shop", rng.random() > 0.03, "")
        packed = day + rng.randrange(2)
        if rng.random() < 0.005:  # the order is overlooked
            return None
        self.event(
            f"{purchase}/p", "packing", customer, packed, 13, "warehouse", rng.random() > 0.005, minutes
        )
        if rng.random() < 0.005:  # the parcel is lost
            return None
        arrives = packed + rng.randrange(1, 6)
        self.event(f"{purchase}/a", "arrival", customer, arrives, 15, "carrier", not is_empty, "")
        return (arrives, not is_empty) if arrives <= self.last else None

    def pressed(self, day: int) -> int:
        last, month = date.fromordinal(self.last), date.fromordinal(day)
        before = (last.year - month.year) * 12 + last.month - month.month
        return PRESSED[before] if before < len(PRESSED) else CALM

    def event(
        self,
        ref: str,
        touchpoint: str,
        customer: str,
        day: int,
        hour: int,
        silo: str,
        is_kept: bool,
        minutes: object,
    ) -> None:
        if day <= self.last:
            at = f"{iso(day)}T{hour}:00:00Z"
            self.events.add((ref, touchpoint, customer, at, "true" if is_kept else "false", silo, minutes))
