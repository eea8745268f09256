"""Discounts: for good, for some months, or once; and what they leave of a price and of an invoice."""

from dataclasses import dataclass, replace
from random import Random

from simulator.catalogue import CURRENCIES, WITHOUT_MINOR_UNIT
from simulator.days import boundary, months_later
from simulator.past import Span

# coupon: (per cent, months it lasts; 0: for good)
SHARES = {"FRIEND": (10, 0), "PARTNER": (20, 0), "START": (50, 3), "HALF-YEAR": (15, 6)}
WELCOME = 20  # dollars off the first invoice


@dataclass(frozen=True)
class Discount:
    """A share of the price, or an amount in minor units that is off once. `end` None: for good."""

    coupon: str
    start: int
    end: int | None
    percent: int = 0
    amount: int = 0

    @property
    def is_once(self) -> bool:
        return self.amount > 0

    def left_of(self, amount: int) -> int:
        """What is left of an amount, rounded half up."""
        return (amount * (100 - self.percent) * 2 + 100) // 200

    def off(self, day: int, subtotal: int) -> int:
        """What is off an invoice that is made out on a day."""
        if subtotal <= 0 or day < self.start or (self.end is not None and day >= self.end):
            return 0
        return min(self.amount, subtotal) if self.is_once else subtotal - self.left_of(subtotal)

    def holds_until(self, interval: str, intervals: int) -> int | None:
        """The end of the last whole interval that begins within it."""
        if self.end is None:
            return None
        number = 1
        while boundary(self.start, number * intervals, interval) < self.end:
            number += 1
        return boundary(self.start, number * intervals, interval)

    def lower(self, span: Span) -> list[Span]:
        """A span at the prices that are left of its own."""
        until = self.holds_until(span.interval, span.intervals)
        if self.is_once or (until is not None and until <= span.start):
            return [span]
        if until is None or (span.end is not None and span.end <= until):
            return [replace(span, amount=self.left_of(span.amount))]
        return [replace(span, end=until, amount=self.left_of(span.amount)), replace(span, start=until)]


def welcome(currency: str) -> int:
    """The amount of the coupon for the first invoice, in minor units."""
    return round(WELCOME * CURRENCIES[currency] * (1 if currency in WITHOUT_MINOR_UNIT else 100))


def draw(key: str, currency: str, start: int, is_seen_from_start: bool) -> Discount | None:
    """The discount of one agreement in four. Of what was there before the history only one for good is still seen."""
    rng = Random(key)
    at = rng.random()
    if at < 0.10:
        coupon = rng.choice(("FRIEND", "PARTNER"))
    elif at < 0.20 and is_seen_from_start:
        coupon = rng.choice(("START", "HALF-YEAR"))
    elif at < 0.25 and is_seen_from_start:
        return Discount(f"WELCOME-{currency}", start, start + 1, amount=welcome(currency))
    else:
        return None
    percent, months = SHARES[coupon]
    return Discount(coupon, start, months_later(start, months) if months else None, percent)
