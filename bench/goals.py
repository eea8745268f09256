"""What was wished of the speed, and what was reached."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.company import LESS_MEMORY, Figures
from bench.sample import SampleFigures

LARGEST = 1_000_000
GROWN_FROM = 100_000
SMALLEST = 1_000
GIGABYTE = 1_000_000_000


@dataclass(frozen=True)
class Goal:
    """One row of the page. `reached` is None where it cannot be judged: another size."""

    what: str
    against: str
    wanted: str
    shown: str
    reached: bool | None


def goals(figures: Sequence[Figures], sample: SampleFigures) -> list[Goal]:
    """Every goal, on the largest company measured; one meant for a million customers is judged only there."""
    largest = figures[-1]
    is_large = largest.customers >= LARGEST
    of = f"{largest.customers:,} customers"

    def at_most(what: str, against: str, limit: float, times: float, counts: bool = is_large) -> Goal:
        shown = f"{times:,.2f} times at {of}"
        return Goal(what, against, f"at most {limit:g} times", shown, times <= limit if counts else None)

    faster = largest.times("month_spine", "mrr_ledger")
    return [
        at_most("Landing", "DuckDB's `copy` of the same files", 1.6, largest.times("land", "copy")),
        at_most(
            "Ledger and customer math, `mrr` by month",
            "a window pass over the same spans",
            6,
            largest.times("mrr_ledger", "window_pass"),
        ),
        Goal(
            "The same",
            "the month spine on the same spans",
            "at least 8 times faster",
            f"{faster:,.1f} times faster at {of}",
            faster >= 8 if is_large else None,
        ),
        at_most(
            "`dbt build`", "the SQL that it compiled, straight", 1.25, largest.times("dbt_build", "straight")
        ),
        Goal(
            "`dbt build`, sample",
            "the SQL that it compiled, straight",
            "to be told",
            f"{sample.built_seconds - sample.straight_seconds:,.1f} s more",
            None,
        ),
        Goal(
            "Whole refresh, warm, sample",
            "bare `dbt build` and twice the imports",
            f"at most {sample.allowed_seconds:,.1f} s",
            f"{sample.refresh_seconds:,.1f} s",
            sample.refresh_seconds <= sample.allowed_seconds,
        ),
        at_most(
            "Refresh where 1% of the rows are new",
            "the full refresh",
            0.5,
            largest.later_job.seconds / largest.job.seconds,
        ),
        growth(figures),
        Goal(
            "Peak memory of a refresh",
            "",
            "at most 4 GB",
            f"{largest.job.peak_bytes / GIGABYTE:,.2f} GB at {of}",
            largest.job.peak_bytes <= 4 * GIGABYTE if is_large else None,
        ),
        Goal(
            f"Refresh with {LESS_MEMORY} for DuckDB",
            "",
            "finishes",
            small_job(largest),
            True if is_large and largest.small_job else None,
        ),
    ]


def growth(figures: Sequence[Figures]) -> Goal:
    """How many times as long ten times as many customers take, fixed costs taken off."""
    seconds = {one.customers: one.job.seconds for one in figures}
    wanted = (SMALLEST, GROWN_FROM, LARGEST)
    shown, reached = "not measured", None
    if all(size in seconds for size in wanted):
        fixed, before, after = (seconds[size] for size in wanted)
        times = (after - fixed) / (before - fixed)
        shown, reached = f"{times:,.1f} times", times <= 11
    return Goal(
        "Growth from 100,000 to 1,000,000 customers",
        "the time at 1,000 taken off",
        "at most 11 times",
        shown,
        reached,
    )


def small_job(figures: Figures) -> str:
    if not figures.small_job:
        return "not measured"
    return (
        f"{figures.small_job.seconds:,.0f} s and {figures.small_job.peak_bytes / GIGABYTE:,.2f} GB "
        f"at {figures.customers:,} customers"
    )


def in_words(reached: bool | None) -> str:
    return {True: "reached", False: "**not reached**", None: ""}[reached]
