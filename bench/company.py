"""One company of a given size, made and measured."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.children import Measured, Turn
from bench.exports import drop, ready, reference, simulated, simulated_later

LESS_MEMORY = "1GB"


class Disagreement(Exception):
    """Two ways to the same numbers did not give the same."""


@dataclass
class Figures:
    """What was measured on one company so far. Seconds are wall time."""

    customers: int
    exports_bytes: int = 0
    load_before: float = 0  # processes that wanted a core in the minute before
    measured: dict[str, Measured] = field(default_factory=dict)  # by the name of the measurement
    job_steps: str = ""  # a refresh's own account of where the time went

    def has(self, *names: str) -> bool:
        return self.measured.keys() >= set(names)

    def seconds(self, name: str) -> float:
        return self.measured[name].seconds

    def peak_bytes(self, name: str) -> int:
        return self.measured[name].usage.peak_bytes

    def times(self, name: str, other: str) -> float:
        """How many times as long as another measurement one takes."""
        return self.seconds(name) / self.seconds(other)


def measure(figures: Figures, folder: Path, say: Callable[[str], None], with_less_memory: bool) -> None:
    """Simulate a clean company of so many organisations in `folder`, measure it, and add to its figures one by one.

    `job` is a refresh from nothing, `later_job` one after it, for which one row in a hundred is new, `small_job` one
    from nothing with less memory. Raises ChildFailed, Disagreement.
    """
    customers = figures.customers
    turn = Turn(f"{customers:,} customers", folder, say)
    aside = folder / "aside"
    reference(turn.reference)
    figures.load_before = os.getloadavg()[0]
    measured = figures.measured
    measured["simulate"] = turn.child("simulate", simulated(customers, turn.exports))
    figures.exports_bytes = ready(turn.exports)
    for name in ("copy", "land"):
        measured[name] = turn.measurement(name, ONE_COMPANY_HOME=str(aside))
    shutil.rmtree(aside)
    measured["job"] = turn.refresh("job")
    figures.job_steps = job_steps(turn.log("job").read_text(encoding="utf-8"))
    for name in (
        "dbt_build", "straight", "window_pass", "month_spine", "mrr_ledger", "whole_ledger", "ways_of_counting",
    ):  # fmt: skip
        measured[name] = turn.measurement(name)
    shutil.rmtree(turn.home / "straight")
    agree(measured)
    later = folder / "later"
    measured["simulate_later"] = turn.child("simulate_later", simulated_later(customers, later))
    drop(later, turn.exports)
    measured["later_job"] = turn.refresh("later_job")
    shutil.rmtree(turn.home)
    if with_less_memory:
        measured["small_job"] = turn.refresh("small_job", ONE_COMPANY_MEMORY=LESS_MEMORY)


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
