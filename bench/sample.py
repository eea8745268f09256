"""The sample company, where fixed costs show: a refresh beside a bare `dbt build` and the imports it needs."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.children import Turn
from bench.exports import REFERENCE
from dagster_project.paths import DBT_PROJECT, PROJECT

REPEATS = 3  # the median counts: on so little data, one second of other work is a lot
MADE_BY_A_RUN = ("landing", "typed", "inputs", "ledger", "published", "warehouse.duckdb")
IMPORTS = "import dagster_dbt, great_expectations"


@dataclass(frozen=True)
class SampleFigures:
    """Seconds of wall time, each the median of several runs; whole processes but for the last two."""

    refresh_seconds: float
    dbt_build_seconds: float
    import_seconds: float
    built_seconds: float  # `dbt build` without the start of its process
    straight_seconds: float  # the SQL that it compiled, straight

    @property
    def allowed_seconds(self) -> float:
        return self.dbt_build_seconds + 2 * self.import_seconds


def measure_sample(folder: Path, say: Callable[[str], None]) -> SampleFigures:
    """Measure the sample company of the project in `folder`. Raises ChildFailed."""
    turn = Turn("The sample company", folder, say)
    home = turn.home
    sample = {
        "ONE_COMPANY_EXPORTS": str(PROJECT / "seeds" / "exports"),
        "ONE_COMPANY_REFERENCE": str(REFERENCE),
    }

    def child(name: str, arguments: list[str]) -> float:
        return turn.child(name, arguments, **sample).seconds

    def measured(name: str) -> float:
        return turn.measurement(name, **sample).seconds

    def refresh() -> float:
        """All of it anew in a home that was used before: dbt has parsed the project, Python has its bytecode."""
        for name in MADE_BY_A_RUN:
            made = home / name
            shutil.rmtree(made) if made.is_dir() else made.unlink(missing_ok=True)
        return turn.refresh("refresh", **sample).seconds

    def dbt_build() -> float:
        (home / "warehouse.duckdb").unlink()
        options = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
        options += ["--target-path", str(home / "dbt_target"), "--log-path", str(home / "logs" / "dbt")]
        return child("bare_dbt_build", ["-m", "dbt.cli.main", "build", *options])

    refresh()  # the first one in a new home parses
    found = {
        "refresh_seconds": [refresh() for _ in range(REPEATS)],
        "dbt_build_seconds": [dbt_build() for _ in range(REPEATS)],
        "import_seconds": [child("imports", ["-c", IMPORTS]) for _ in range(REPEATS)],
        "built_seconds": [measured("dbt_build") for _ in range(REPEATS)],
        "straight_seconds": [measured("straight") for _ in range(REPEATS)],
    }
    say("  " + ", ".join(f"{name} {[round(one, 1) for one in times]}" for name, times in found.items()))
    return SampleFigures(**{name: median(times) for name, times in found.items()})
