"""Which months are to be closed, on which day, and which batches were known by then."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dagster_project.words import months_later

AMOUNTS = ("recurring_line", "billed_amount", "purchase")  # waist models that value follows from
MATH = ("customer_math", "identity_record", "identity_key")  # customer math, and what identity reads for it

Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class Batch:
    batch_id: str
    vendor: str
    system: str
    object: str
    extracted_at: datetime


@dataclass(frozen=True)
class Close:
    """A month, by its first day, the day on which it closes, and the batches known on that day."""

    month: date
    closed_on: date
    batches: frozenset[str]


def due(
    months: Iterable[date],
    batches: Collection[Batch],
    billing: Collection[tuple[str, str]],
    systems: Collection[tuple[str, str]],
    as_of_on: date,
    close_after_days: int,
    asked_for: Collection[str] = (),
) -> list[Close]:
    """The closes among `months` as of a day.

    A month closes so many days after its end, on what was extracted by then; not before every one of `systems`, which bill or
    sell, had sent something of that (an object of `billing`), since until then nobody could have told of it. One that somebody asked
    for closes as soon as it is over, on all that is known, if that is before.
    """
    began: dict[tuple[str, str], date] = {}
    for batch in batches:
        if (batch.vendor, batch.object) in billing and (batch.vendor, batch.system) in systems:
            day = batch.extracted_at.date()
            began[batch.vendor, batch.system] = min(day, began.get((batch.vendor, batch.system), day))
    first = max(began.values(), default=None)
    newest = max((batch.extracted_at.date() for batch in batches), default=None)
    found = []
    for month in sorted(months):
        last_day = months_later(month, 1) - timedelta(days=1)
        by_rule = last_day + timedelta(days=close_after_days)
        is_asked_for = f"{month:%Y-%m}" in asked_for and last_day <= as_of_on
        if first is None or not (by_rule <= as_of_on or is_asked_for):
            continue
        closed_on = max(by_rule, first) if by_rule <= as_of_on else max(as_of_on, newest)
        known = frozenset(batch.batch_id for batch in batches if batch.extracted_at.date() <= closed_on)
        found.append(Close(month, closed_on, known))
    return found


def objects_of(manifest: Manifest, models: Collection[str]) -> set[tuple[str, str]]:
    """(vendor, object) of every source that some models (by their names) follow from."""
    return {
        (manifest["sources"][name]["source_name"], manifest["sources"][name]["name"])
        for name in ancestors(manifest, {f"model.one_company.{model}" for model in models})
        if name in manifest["sources"] and manifest["sources"][name]["source_name"] not in ("reference", "run", "identity", "log")
    }  # fmt: skip


def ancestors(manifest: Manifest, wanted: set[str]) -> set[str]:
    """`wanted` (unique ids) and all that they are made from, sources included."""
    found: set[str] = set()
    left = list(wanted)
    while left:
        if (name := left.pop()) not in found:
            found.add(name)
            left += manifest["nodes"].get(name, {"depends_on": {"nodes": []}})["depends_on"]["nodes"]
    return found
