"""The reference tables as far as the truth follows from them."""

import csv
from bisect import bisect_right
from collections import defaultdict
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from simulator.days import day

DEFAULT_LAPSE_DAYS = 365


class Reference:
    """settings, segment_rule and fx_rate in a folder; what is missing has its documented default."""

    def __init__(self, folder: Path):
        self.folder = folder
        settings = {row["setting"]: row["value"] for row in self.rows("settings")}
        self.reporting_currency = settings.get("reporting_currency") or "USD"
        self.grace_days = int(settings.get("grace_days") or 0)
        self.history_starts_on = day(settings.get("history_starts_on") or "0001-01-01")

    def rows(self, table: str) -> list[dict[str, str]]:
        path = self.folder / f"{table}.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def _lapse_days(self) -> dict[str, int]:
        return {row["segment"]: int(row["lapse_days"]) for row in self.rows("segment_rule")}

    def lapse_days(self, segment: str) -> int:
        return self._lapse_days.get(segment, DEFAULT_LAPSE_DAYS)

    @cached_property
    def _rates(self) -> dict[str, list[tuple[int, Decimal]]]:
        rates: dict[str, list[tuple[int, Decimal]]] = defaultdict(list)
        for row in self.rows("fx_rate"):
            rates[row["currency"]].append((day(row["valid_from"]), Decimal(row["rate"])))
        return {currency: sorted(found) for currency, found in rates.items()}

    def rate(self, currency: str, on: int) -> Decimal:
        """Reporting units for one unit of a currency on a day. Raises KeyError or IndexError where none is known."""
        if currency.upper() == self.reporting_currency:
            return Decimal(1)
        rates = self._rates[currency.upper()]
        at = bisect_right(rates, on, key=lambda rate: rate[0])
        if not at:
            raise IndexError(f"{currency} has no rate on day {on}")
        return rates[at - 1][1]
