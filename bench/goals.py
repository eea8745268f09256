"""What was wished of the speed, and what was reached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.company import LESS_MEMORY, Figures
from bench.identity import IdentityFigures
from bench.listening import ListeningFigures
from bench.sample import SampleFigures

LARGEST = 1_000_000
MOST_INVITATIONS = 5_000_000
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


def goals(
    figures: Sequence[Figures], sample: SampleFigures, identity: IdentityFigures, listening: ListeningFigures
) -> list[Goal]:
    """Every goal, on the largest company on which it was measured; one meant for a million customers is judged only there."""

    def shown_on(
        names: Sequence[str], shown: Callable[[Figures], tuple[str, bool]]
    ) -> tuple[str, bool | None]:
        for one in reversed(figures):
            if one.has(*names):
                what, reached = shown(one)
                is_large = one.customers >= LARGEST
                return f"{what} at {one.customers:,} customers", reached if is_large else None
        return "not measured", None

    def at_most(what: str, against: str, limit: float, name: str, other: str) -> Goal:
        shown = shown_on(
            (name, other), lambda f: (f"{f.times(name, other):,.2f} times", f.times(name, other) <= limit)
        )
        return Goal(what, against, f"at most {limit:g} times", *shown)

    def memory(what: str, wanted: str, name: str, most: float) -> Goal:
        shown = shown_on(
            [name], lambda f: (f"{f.peak_bytes(name) / GIGABYTE:,.2f} GB", f.peak_bytes(name) <= most)
        )
        return Goal(what, "", wanted, *shown)

    spine = ("month_spine", "mrr_ledger")
    return [
        at_most("Landing", "DuckDB's `copy` of the same files", 1.6, "land", "copy"),
        at_most(
            "Ledger and customer math, `mrr` by month",
            "a window pass over the same spans",
            6,
            "mrr_ledger",
            "window_pass",
        ),
        Goal(
            "The same",
            "the month spine on the same spans",
            "at least 8 times faster",
            *shown_on(spine, lambda f: (f"{f.times(*spine):,.1f} times faster", f.times(*spine) >= 8)),
        ),
        at_most("`dbt build`", "the SQL that it compiled, straight", 1.25, "dbt_build", "straight"),
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
        at_most("Refresh where 1% of the rows are new", "the full refresh", 0.5, "later_job", "job"),
        growth(figures),
        memory("Peak memory of a refresh", "at most 4 GB", "job", 4 * GIGABYTE),
        memory(
            f"Peak memory of a refresh with {LESS_MEMORY} for DuckDB", "finishes", "small_job", float("inf")
        ),
        *definition_goals(shown_on),
        *identity_goals(identity),
        *listening_goals(listening),
    ]


def definition_goals(shown_on: Callable[..., tuple[str, bool | None]]) -> list[Goal]:
    """Profiles beside one ledger, and the steps between beside the profiles alone."""

    def seconds(f: Figures, part: str) -> float:
        return f.measured["ways_of_counting"].told[part]["seconds"]

    def variance(f: Figures) -> tuple[str, bool]:
        times = seconds(f, "variance") / seconds(f, "ledger")
        return f"{times:,.2f} times for {f.measured['ways_of_counting'].told['profiles']}", times <= 4

    def bridges(f: Figures) -> tuple[str, bool]:
        times = seconds(f, "with_bridges") / seconds(f, "variance") - 1
        return f"{times:,.2f} times", times <= 2

    return [
        Goal(
            "Variance of ten profiles or more",
            "the ledger of one",
            "at most 4 times",
            *shown_on(["ways_of_counting"], variance),
        ),
        Goal(
            "Their bridges, and who is behind each step",
            "the variance",
            "at most 2 times",
            *shown_on(["ways_of_counting"], bridges),
        ),
    ]


def identity_goals(f: IdentityFigures) -> list[Goal]:
    def at_most(what: str, against: str, limit: float, name: str, other: str) -> Goal:
        times = f.seconds(name) / f.seconds(other)
        shown = f"{times:,.2f} times at {f.records:,} records"
        return Goal(what, against, f"at most {limit:g} times", shown, times <= limit if is_large else None)

    is_large = f.records >= LARGEST
    peak = f.measured["resolve_all"].usage.peak_bytes
    return [
        at_most("Identity step", "Splink alone on the same pairs", 1.3, "resolve_all", "splink_alone"),
        at_most("Identity step, 1% of the records new", "all of them", 0.2, "resolve_later", "resolve_all"),
        Goal(
            "Peak memory of the identity step",
            "",
            "at most 4 GB",
            f"{peak / GIGABYTE:,.2f} GB at {f.records:,} records",
            peak <= 4 * GIGABYTE if is_large else None,
        ),
    ]


def listening_goals(f: ListeningFigures) -> list[Goal]:
    fewest, fewer, most = sorted(f.refreshes)
    peak = f.refreshes[most].usage.peak_bytes
    is_large = most >= MOST_INVITATIONS
    pressure = f.asked_too_often.seconds / f.send_window_pass.seconds
    return [
        Goal(
            f"Growth from {fewer:,} to {most:,} invitations",
            f"the time at {fewest:,} taken off",
            "at most 11 times",
            f"{f.growth:,.1f} times",
            f.growth <= 11 if is_large else None,
        ),
        Goal(
            "Peak memory of a refresh, with its surveys",
            "",
            "at most 4 GB",
            f"{peak / GIGABYTE:,.2f} GB at {most:,} invitations",
            peak <= 4 * GIGABYTE if is_large else None,
        ),
        Goal(
            "Who is asked too often",
            "a window pass over the same invitations",
            "to be told",
            f"{pressure:,.1f} times at {most:,} invitations",
            None,
        ),
    ]


def growth(figures: Sequence[Figures]) -> Goal:
    """How many times as long ten times as many customers take, fixed costs taken off."""
    seconds = {one.customers: one.seconds("job") for one in figures if one.has("job")}
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


def in_words(reached: bool | None) -> str:
    return {True: "reached", False: "**not reached**", None: ""}[reached]
