"""One company of a given size, made and measured."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.children import Usage, run
from bench.exports import drop, ready, reference, simulated, simulated_later

LESS_MEMORY = "1GB"


class Disagreement(Exception):
    """Two ways to the same numbers did not give the same."""


@dataclass(frozen=True)
class Measured:
    """What one child told, and what its process took. Its own seconds are of the work alone."""

    told: Mapping[str, Any]
    usage: Usage

    @property
    def seconds(self) -> float:
        return self.told["seconds"]


@dataclass(frozen=True)
class Figures:
    """What was measured on one company. Seconds are wall time."""

    customers: int
    exports_bytes: int
    load_before: float  # processes that wanted a core in the minute before
    measured: Mapping[str, Measured]  # by the name of the measurement
    simulation: Usage
    job: Usage  # a refresh from nothing
    job_steps: str  # its own account of where the time went
    later_job: Usage  # a refresh after it, for which one row in a hundred was new
    small_job: Usage | None  # a refresh from nothing with less memory

    def seconds(self, name: str) -> float:
        return self.measured[name].seconds

    def times(self, name: str, other: str) -> float:
        """How many times as long as another measurement one takes."""
        return self.seconds(name) / self.seconds(other)


def measure(customers: int, folder: Path, say: Callable[[str], None], with_less_memory: bool) -> Figures:
    """Simulate a clean company of so many organisations in `folder` and measure it.

    Raises ChildFailed, Disagreement.
    """
    exports, home, aside = folder / "exports", folder / "home", folder / "aside"
    environment = {
        "ONE_COMPANY_EXPORTS": str(exports),
        "ONE_COMPANY_REFERENCE": str(folder / "reference"),
        "ONE_COMPANY_AS_OF": "",
        "ONE_COMPANY_KNOWN_ON": "",
        "ONE_COMPANY_MEMORY": "",
    }
    folder.mkdir(parents=True, exist_ok=True)
    reference(folder / "reference")
    measured: dict[str, Measured] = {}

    def child(name: str, in_home: Path, arguments: list[str], **more: str) -> Usage:
        say(f"{customers:,} customers: {name.replace('_', ' ')} …")
        usage = run(
            arguments, {**environment, "ONE_COMPANY_HOME": str(in_home), **more}, folder / f"{name}.log"
        )
        say(f"  {usage.seconds:,.1f} s, {usage.peak_bytes / 1e6:,.0f} MB")
        return usage

    def measurement(name: str, in_home: Path) -> None:
        file = folder / f"{name}.json"
        usage = child(name, in_home, ["-m", "bench.measurements", name, str(file)])
        measured[name] = Measured(json.loads(file.read_text(encoding="utf-8")), usage)

    load_before = os.getloadavg()[0]
    simulation = child("simulate", home, simulated(customers, exports))
    exports_bytes = ready(exports)
    measurement("copy", aside)
    measurement("land", aside)
    shutil.rmtree(aside)
    refresh = ["-m", "dagster_project", "refresh"]
    job = child("job", home, refresh)
    for name in ("dbt_build", "straight", "window_pass", "month_spine", "mrr_ledger", "whole_ledger"):
        measurement(name, home)
    shutil.rmtree(home / "straight")
    agree(measured)
    child("simulate_later", home, simulated_later(customers, folder / "later"))
    drop(folder / "later", exports)
    later_job = child("later_job", home, refresh)
    shutil.rmtree(home)
    small_job = None
    if with_less_memory:
        small_job = child("small_job", home, refresh, ONE_COMPANY_MEMORY=LESS_MEMORY)
    return Figures(
        customers,
        exports_bytes,
        load_before,
        measured,
        simulation,
        job,
        job_steps((folder / "job.log").read_text(encoding="utf-8")),
        later_job,
        small_job,
    )


def agree(measured: Mapping[str, Measured]) -> None:
    """The same tables by dbt and straight; the same ends of months by ledger and spine, and with all value bases.

    Raises Disagreement.
    """
    tables = [measured[name].told["tables"] for name in ("dbt_build", "straight")]
    if tables[0] != tables[1]:
        raise Disagreement(f"dbt made {tables[0]}, its SQL alone {tables[1]}")
    ledger, spine, whole = (
        measured[name].told["month_ends"] for name in ("mrr_ledger", "month_spine", "whole_ledger")
    )
    if ledger != spine:
        raise Disagreement(f"The month spine ends its months otherwise: {differing(ledger, spine)}")
    if values(ledger) != values(whole):
        raise Disagreement(
            f"With all value bases, mrr is another: {differing(values(ledger), values(whole))}"
        )


def values(month_ends: list[list[Any]]) -> list[list[Any]]:
    """Without the number of customers, since those who have no contract are worth nothing in mrr."""
    return [[month, segment, value] for month, segment, _, value in month_ends if float(value)]


def differing(rows: list[Any], others: list[Any]) -> str:
    return f"{[row for row in rows if row not in others][:3]} against {[row for row in others if row not in rows][:3]}"


def job_steps(log: str) -> str:
    """The line in which a refresh tells its steps and their seconds."""
    return next((line for line in log.splitlines() if line.startswith("Time: ")), "")
