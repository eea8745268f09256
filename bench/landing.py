"""What landing costs, beside DuckDB copying the same files to Parquet by itself."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from dagster_project.paths import Paths
from dagster_project.sql import literal


def copy(paths: Paths) -> dict[str, Any]:
    """Every export to Parquet as DuckDB does it by itself: nothing is checked, counted or numbered."""
    files = sorted(path for path in paths.exports.rglob("*") if path.is_file())
    paths.home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=paths.home) as folder, duckdb.connect() as connection:
        began = time.monotonic()
        rows = 0
        for number, file in enumerate(files):
            target = Path(folder) / f"{number}.parquet"
            ((copied,),) = connection.execute(
                f"copy (select * from read_csv({literal(str(file))}, all_varchar = true, header = true)) "
                f"to {literal(str(target))} (format parquet)"
            ).fetchall()
            rows += copied
        return {"seconds": time.monotonic() - began, "rows": rows}


def land(paths: Paths) -> dict[str, Any]:
    """Every export landed in an empty home, as a run does it, then typed for the models."""
    from dagster_project.exports.contracts import load_all_contracts
    from dagster_project.exports.landing import land as land_all
    from dagster_project.exports.typed import type_batches

    contracts = load_all_contracts()
    began = time.monotonic()
    report = land_all(paths, contracts, [], [], lambda _: None)
    landed = time.monotonic()
    not_landed = [f"{file.file}: {file.reason}" for file in report.files if file.status != "accepted"]
    if not_landed:
        raise SystemExit("\n".join(["A clean company's files were not all landed:", *not_landed]))
    type_batches(paths, contracts)
    return {
        "seconds": landed - began,
        "rows": sum(file.rows_landed for file in report.files),
        "typing_seconds": time.monotonic() - landed,
    }
