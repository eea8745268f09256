"""One company of a given size, made and measured."""

import json
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.children import Usage, run
from dagster_project.paths import PROJECT

SIMULATE = PROJECT / "seeds" / "exports" / "simulate.py"
HOUR = 3600


@dataclass(frozen=True)
class Figures:
    """What was measured on one company. Seconds are wall time."""

    customers: int
    exports_bytes: int
    load_before: float  # processes that wanted a core in the minute before
    threads: int  # of DuckDB, in every measurement
    rows_landed: int
    landing_seconds: float
    rows_copied: int  # by DuckDB alone, which takes Qualtrics' extra header rows for data
    copy_seconds: float
    build_seconds: float
    build_models_seconds: float
    build_tests_seconds: float
    straight_seconds: float
    straight_models_seconds: float
    straight_tests_seconds: float
    slowest: Mapping[str, float]  # seconds by model or test, run straight
    tables: Mapping[str, int]  # rows by table
    job: Usage
    peak_bytes: Mapping[str, int]  # by measurement

    @property
    def landing_ratio(self) -> float:
        """How many times as long as DuckDB alone the landing takes."""
        return self.landing_seconds / self.copy_seconds

    @property
    def build_ratio(self) -> float:
        """How many times as long as the SQL alone `dbt build` takes."""
        return self.build_seconds / self.straight_seconds


class Disagreement(Exception):
    """Two ways to build the same tables did not give the same number of rows."""


def measure(customers: int, folder: Path, say: Callable[[str], None]) -> Figures:
    """Simulate a clean company of so many organisations in `folder` and measure it.

    Raises ChildFailed, Disagreement.
    """
    exports, job_home, landing_home = folder / "exports", folder / "home", folder / "landing_home"
    environment = {
        "ONE_COMPANY_EXPORTS": str(exports),
        "ONE_COMPANY_REFERENCE": str(PROJECT / "seeds" / "reference"),
    }
    environment |= {"ONE_COMPANY_AS_OF": "", "ONE_COMPANY_KNOWN_ON": ""}
    folder.mkdir(parents=True, exist_ok=True)

    def child(name: str, home: Path, arguments: list[str]) -> Usage:
        say(f"{customers:,} customers: {name.replace('_', ' ')} …")
        return run(arguments, {**environment, "ONE_COMPANY_HOME": str(home)}, folder / f"{name}.log")

    def measurement(name: str, home: Path) -> tuple[dict[str, Any], Usage]:
        file = folder / f"{name}.json"
        usage = child(name, home, ["-m", "bench.measurements", name, str(file)])
        return json.loads(file.read_text(encoding="utf-8")), usage

    load_before = os.getloadavg()[0]
    child(
        "simulate", job_home, [str(SIMULATE), "--clean", "--customers", str(customers), "--out", str(exports)]
    )
    exports_bytes = ready(exports)
    copied, copy_usage = measurement("copy", landing_home)
    landed, landing_usage = measurement("land", landing_home)
    shutil.rmtree(landing_home)
    job = child("job", job_home, ["-m", "dagster_project", "refresh"])
    built, build_usage = measurement("dbt_build", job_home)
    straight, straight_usage = measurement("straight", job_home)
    if built["tables"] != straight["tables"]:
        raise Disagreement(f"dbt made {built['tables']}, its SQL alone {straight['tables']}")
    return Figures(
        customers=customers,
        exports_bytes=exports_bytes,
        load_before=load_before,
        threads=straight["threads"],
        rows_landed=landed["rows"],
        landing_seconds=landed["seconds"],
        rows_copied=copied["rows"],
        copy_seconds=copied["seconds"],
        build_seconds=built["seconds"],
        build_models_seconds=built["models"],
        build_tests_seconds=built["tests"],
        straight_seconds=straight["seconds"],
        straight_models_seconds=straight["models"],
        straight_tests_seconds=straight["tests"],
        slowest=straight["slowest"],
        tables=built["tables"],
        job=job,
        peak_bytes={
            "copy": copy_usage.peak_bytes,
            "landing": landing_usage.peak_bytes,
            "job": job.peak_bytes,
            "build": build_usage.peak_bytes,
            "straight": straight_usage.peak_bytes,
        },
    )


def ready(exports: Path) -> int:
    """Unpack zip files, which DuckDB alone cannot read, and let all seem at rest. Returns their bytes."""
    for packed in exports.rglob("*.zip"):
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(packed.with_suffix(""))
        packed.unlink()
    an_hour_ago = time.time() - HOUR  # a file just written would be waited for
    files = [path for path in exports.rglob("*") if path.is_file()]
    for path in files:
        os.utime(path, (an_hour_ago, an_hour_ago))
    return sum(path.stat().st_size for path in files)
