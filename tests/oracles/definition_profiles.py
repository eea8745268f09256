"""How a profile counts the whole company, asked day by day of what it counts: no totals kept, nothing shared with the warehouse.

A profile's exports are read as the company's own would be, by its policies. What it counts is a unit: a customer as records are
known now, or a record, or an agreement of one.
"""

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import duckdb

from tests.company import manifest
from tests.oracles.customer_math import (
    MINOR_UNIT_DIGITS,
    ONE_DAY,
    Facts,
    Period,
    Span,
    Stay,
    bridged,
    histories,
    periods,
    rate_on,
    recurring_value,
    value_movements,
)
from tests.oracles.facts_from_plain import facts_from_plain, read_rows

METRICS = (
    "opening_customers", "new_customers", "won_back_customers", "lost_customers", "net_customers", "closing_customers",
    "kept_customers", "closing_value",
)  # fmt: skip


@dataclass
class Unit:
    """What a profile counts once."""

    profile: dict[str, str]
    facts: Facts
    spans: list[Span] = field(default_factory=list)
    windows: list[tuple[date, date]] = field(default_factory=list)
    agreed_on: dict[str, list[date]] = field(default_factory=dict)  # the first days of each line's prices

    def is_active(self, day: date) -> bool:
        return any(span.makes_a_customer and span.covers(day) for span in self.spans) or any(
            start <= day < end for start, end in self.windows
        )

    def value(self, day: date) -> Decimal:
        """What it is worth a month: nothing while not active."""
        if not self.is_active(day):
            return Decimal(0)
        digits = MINOR_UNIT_DIGITS[self.facts.settings.reporting_currency]
        return sum(
            (
                recurring_value(
                    span.amount,
                    span.interval,
                    span.interval_count,
                    rate_on(self.facts, span.currency, self.rated_on(span, day)),
                    digits,
                )[0]
                for span in self.spans
                if span.covers(day)
            ),
            Decimal(0),
        )

    def rated_on(self, span: Span, day: date) -> date:
        """The day whose rate counts: a discount that ends makes no new price."""
        if self.profile.get("exchange_rate") == "newest":
            return self.facts.as_of
        if self.profile.get("exchange_rate") == "first":
            return max(first for first in self.agreed_on[span.line] if first <= span.valid_from)
        return day

    def days_of_change(self) -> list[date]:
        days = {day for span in self.spans for day in (span.valid_from, span.valid_to)}
        days |= {day for window in self.windows for day in window}
        return sorted(day for day in days if day and day <= self.facts.as_of)

    @cached_property
    def comings(self) -> list[tuple[date, str]]:
        """(day, new, won_back or lost), as the profile tells them."""
        turns = [
            (day, self.is_active(day))
            for day in self.days_of_change()
            if self.is_active(day) != self.is_active(day - ONE_DAY)
        ]
        told: list[tuple[date, str]] = []
        lost_on: date | None = None
        if self.profile.get("within_month") == "ignored":
            return list(self._comings_of_months(turns))
        for day, comes in turns:
            if not comes:
                told.append((day, "lost"))
                lost_on = day
            else:
                told.append((day, "new" if self.is_as_new(lost_on is None, lost_on, day) else "won_back"))
        return told

    def _comings_of_months(self, turns: list[tuple[date, bool]]) -> Iterator[tuple[date, str]]:
        """At most one a month: how it ends, if it began otherwise."""
        months = sorted({day.replace(day=1) for day, _ in turns})
        was_there_at_an_end = False
        for month in months:
            of_month = [(day, comes) for day, comes in turns if day.replace(day=1) == month]
            opened, closes = not of_month[0][1], of_month[-1][1]
            before = [day for day, comes in turns if day < month and not comes]
            if opened and not closes:
                yield of_month[-1][0], "lost"
            elif closes and not opened:
                came_on = max(day for day, comes in of_month if comes)
                is_first = not was_there_at_an_end
                yield (
                    came_on,
                    "new" if self.is_as_new(is_first, max(before, default=None), came_on) else "won_back",
                )
            was_there_at_an_end = was_there_at_an_end or closes

    def is_as_new(self, is_first: bool, lost_on: date | None, day: date) -> bool:
        limit = self.profile.get("reactivation_days")
        return is_first or bool(limit and lost_on and day - lost_on > timedelta(days=int(limit)))


def agreed_days(exports: Path) -> dict[str, list[date]]:
    """The first day of every row of subscriptions.csv, by line."""
    found: dict[str, list[date]] = defaultdict(list)
    for file in exports.rglob("subscriptions*.csv"):
        for row in read_rows(file):
            found[f"plain/{row['subscription_ref']}"].append(date.fromisoformat(row["starts_on"]))
    return found


def purchase_windows(facts: Facts, other_than: Facts | None = None) -> list[tuple[str, date, date]]:
    """The days for which purchases keep somebody, by the segment that their buyer held on the day."""
    known = {purchase.customer for purchase in other_than.purchases} if other_than else set()
    windows = {window for history in histories(facts) for window in history.purchase_windows}
    return sorted(window for window in windows if window[0] not in known)


def units_of(
    profile: dict[str, str],
    facts: Facts,
    windows: list[tuple[str, date, date]],
    agreed_on: dict[str, list[date]],
) -> list[Unit]:
    """What the profile counts, of spans by its policies and of the days for which purchases keep somebody."""
    found: dict[str, Unit] = defaultdict(lambda: Unit(profile, facts, agreed_on=agreed_on))

    def who(record: str) -> str:
        return (
            record if profile.get("duplicates") == "as_recorded" else facts.customer_on(record, facts.as_of)
        )

    paying = [
        span
        for span in facts.spans
        if (span.amount != 0 or span.is_free_customer)
        and (span.valid_to is None or span.valid_from < span.valid_to)
    ]
    for span in bridged(paying, facts.settings.grace_days):
        agreement = f" {span.line}" if profile.get("grain") == "agreement" else ""
        found[who(span.customer) + agreement].spans.append(span)
    for record, start, end in windows:
        found[who(record)].windows.append((start, end))
    return list(found.values())


def profile_totals(
    profile: dict[str, str], own: Facts, exports: Path, reference: Path, stays: tuple[Stay, ...], folder: Path
) -> dict[tuple[str, date], dict[str, Decimal]]:
    """The profile's figures of each period of the company's own calendar, by kind and first day.

    `own` are the facts as the company itself counts; `folder` is for what the profile has instead of its tables.
    """
    shutil.copytree(reference, folder / "reference")
    rewrite(folder / "reference" / "definition_profile.csv", lambda _: [profile | {"profile": "one_company"}])
    windows = purchase_windows(own)
    if profile.get("test_accounts") == "counted":
        shutil.copytree(exports, folder / "exports")
        exports = folder / "exports"
        for file in exports.rglob("customers_*.csv"):
            rewrite(file, lambda rows: [row | {"is_test": ""} for row in rows])
        bought, _ = facts_from_plain(exports, reference, stays)
        # whoever is one with a test account now never was anybody else
        as_now = tuple(Stay(record, bought.customer_on(record, bought.as_of)) for record in bought.stays_of)
        windows += purchase_windows(replace(bought, stays=as_now), other_than=own)
    facts, _ = facts_from_plain(exports, folder / "reference", stays)
    facts = replace(facts, settings=own.settings)
    units = units_of(profile, facts, windows, agreed_days(exports))
    return {
        (period.kind, period.start): totals_of(period, units, facts)
        for period in periods(own, value_movements(own))
    }


def totals_of(period: Period, units: list[Unit], facts: Facts) -> dict[str, Decimal]:
    opened_on, closed_on = period.start - ONE_DAY, min(period.end - ONE_DAY, facts.as_of)
    totals = dict.fromkeys(METRICS, Decimal(0))
    for unit in units:
        was, is_ = unit.is_active(opened_on), unit.is_active(closed_on)
        totals["opening_customers"] += was
        totals["closing_customers"] += is_
        totals["kept_customers"] += was and is_
        totals["closing_value"] += unit.value(closed_on)
        for day, how in unit.comings:
            if period.holds(day):
                totals[f"{how}_customers"] += 1
    totals["net_customers"] = (
        totals["new_customers"] + totals["won_back_customers"] - totals["lost_customers"]
    )
    return totals


def wrong_profile(
    profile: str, expected: dict[tuple[str, date], dict[str, Decimal]], warehouse: duckdb.DuckDBPyConnection
) -> list[str]:
    """Where the warehouse's figures of a profile are not those, a line for each."""
    published = {
        (kind, start, metric): figure
        for kind, start, metric, figure in warehouse.execute(
            "select period_kind, period_start, metric, recomputed from alignment.definition_variance "
            "where profile = ? and metric <> 'retention'",
            [profile],
        ).fetchall()
    }
    wanted = {
        (*period, metric): figure for period, totals in expected.items() for metric, figure in totals.items()
    }
    return [
        f"{profile} {kind} {start} {metric}: {published.get((kind, start, metric))}, expected {wanted.get((kind, start, metric))}"
        for kind, start, metric in sorted({*published, *wanted})
        if published.get((kind, start, metric)) != wanted.get((kind, start, metric))
    ]


def open_bridges(warehouse: duckdb.DuckDBPyConnection) -> list[tuple]:
    """The rows of the project's own check of bridges: none where every one closes."""
    (check,) = (
        node for node in manifest("duckdb")["nodes"].values() if node["name"] == "definition_bridges_close"
    )
    return warehouse.execute(check["compiled_code"]).fetchall()


def rewrite(file: Path, change) -> None:
    with file.open(newline="", encoding="utf-8") as opened:
        rows = change(list(csv.DictReader(opened)))
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(dict.fromkeys(column for row in rows for column in row)))
        writer.writeheader()
        writer.writerows(rows)
