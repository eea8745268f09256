"""What the company sells: prices per plan, interval and currency, in minor units as Stripe keeps them."""

from dataclasses import dataclass
from functools import cache

CURRENCIES = {"usd": 1.0, "eur": 0.92, "gbp": 0.79, "jpy": 150.0}  # list price of one dollar's worth
WITHOUT_MINOR_UNIT = {"jpy"}

# plan: (dollars per unit and interval, interval, intervals, scheme, usage)
PLANS = {
    "free_month": (0, "month", 1, "per_unit", "licensed"),
    "starter_week": (15, "week", 1, "per_unit", "licensed"),
    "starter_month": (59, "month", 1, "per_unit", "licensed"),
    "starter_year": (590, "year", 1, "per_unit", "licensed"),
    "team_month": (24, "month", 1, "per_unit", "licensed"),
    "team_year": (250, "year", 1, "per_unit", "licensed"),
    "scale_month": (39, "month", 1, "per_unit", "licensed"),
    "scale_quarter": (114, "month", 3, "per_unit", "licensed"),
    "scale_year": (400, "year", 1, "per_unit", "licensed"),
    "crowd_month": (30, "month", 1, "tiered", "licensed"),
    "support_month": (150, "month", 1, "per_unit", "licensed"),
    "calls_month": (0.02, "month", 1, "per_unit", "metered"),
}
YEARLY = {"starter_month": "starter_year", "team_month": "team_year", "scale_month": "scale_year"}
FIRST_TIER = 10  # units of a tiered price at its first rate; the rest cost two thirds


@dataclass(frozen=True)
class Price:
    """One Stripe price; `unit` in minor units."""

    id: str
    plan: str
    currency: str
    unit: int
    interval: str
    intervals: int
    is_tiered: bool
    is_metered: bool

    @property
    def months(self) -> int:
        """Whole months of one service period; 0 for weeks."""
        return {"month": 1, "year": 12}.get(self.interval, 0) * self.intervals

    def parts(self, quantity: int) -> tuple[tuple[int, int], ...]:
        """(quantity, amount) of each line that one interval is invoiced with: one per tier."""
        if not self.is_tiered or quantity <= FIRST_TIER:
            return ((quantity, quantity * self.unit),)
        rest = quantity - FIRST_TIER
        return ((FIRST_TIER, FIRST_TIER * self.unit), (rest, rest * (self.unit * 2 // 3)))

    def amount(self, quantity: int) -> int:
        return sum(amount for _, amount in self.parts(quantity))


@cache
def price(plan: str, currency: str) -> Price:
    dollars, interval, intervals, scheme, usage = PLANS[plan]
    local = dollars * CURRENCIES[currency]
    unit = round(local) if currency in WITHOUT_MINOR_UNIT else round(local * 100)
    return Price(
        f"price_{plan}_{currency}",
        plan,
        currency,
        unit,
        interval,
        intervals,
        scheme == "tiered",
        usage == "metered",
    )


def major(amount: int, currency: str) -> str:
    """An amount in minor units as text in major ones."""
    if currency in WITHOUT_MINOR_UNIT:
        return str(amount)
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"
