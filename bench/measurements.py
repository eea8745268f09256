"""What a child process measures: python -m bench.measurements <name> <file for its figures>.

ONE_COMPANY_EXPORTS and ONE_COMPANY_HOME say on what. Only the work is timed, not the start of Python.
"""

import json
import sys
import time
from collections.abc import Callable
from graphlib import TopologicalSorter
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
        return {"seconds": time.monotonic() - began, "rows": rows, "threads": threads(connection)}


def land(paths: Paths) -> dict[str, Any]:
    """Every export landed in an empty home, as a run does it."""
    from dagster_project.exports.contracts import load_all_contracts
    from dagster_project.exports.landing import land as land_all

    contracts = load_all_contracts()
    began = time.monotonic()
    report = land_all(paths, contracts, [], [], lambda _: None)
    seconds = time.monotonic() - began
    not_landed = [f"{file.file}: {file.reason}" for file in report.files if file.status != "accepted"]
    if not_landed:
        raise SystemExit("\n".join(["A clean company's files were not all landed:", *not_landed]))
    return {"seconds": seconds, "rows": sum(file.rows_landed for file in report.files)}


def dbt_build(paths: Paths) -> dict[str, Any]:
    """`dbt build` of everything into an empty warehouse, in a home that a run has filled."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    from dagster_project.dbt import Dbt

    dbt = Dbt(paths)
    manifest = json.loads(dbt.manifest().read_text(encoding="utf-8"))
    paths.warehouse.unlink()
    began = time.monotonic()
    result = dbt.invoke(["build"])
    DuckDBConnectionManager.close_all_connections()  # writes the file to its end, as `straight` does
    seconds = time.monotonic() - began
    if not result.success:
        raise SystemExit(f"dbt build failed: {result.exception}; its log is in {dbt.logs}")
    took = {done.node.unique_id: done.execution_time for done in result.result}
    return {
        "seconds": seconds,
        "models": sum(took[unique_id] for unique_id in took if is_a(manifest, unique_id, "model")),
        "tests": sum(took[unique_id] for unique_id in took if is_a(manifest, unique_id, "test")),
        "tables": tables(paths),
    }


def straight(paths: Paths) -> dict[str, Any]:
    """The SQL that dbt compiled, run in one connection on an empty warehouse: models and tests alike."""
    compiled = json.loads((paths.dbt_target / "run_results.json").read_text(encoding="utf-8"))["results"]
    nodes = json.loads((paths.dbt_target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    queries = {done["unique_id"]: done["compiled_code"] for done in compiled}
    graph = {unique_id: queries.keys() & nodes[unique_id]["depends_on"]["nodes"] for unique_id in queries}
    took = {"model": 0.0, "test": 0.0}
    slowest = {}
    paths.warehouse.unlink()
    began = time.monotonic()
    with duckdb.connect(str(paths.warehouse)) as warehouse:
        warehouse.execute("set TimeZone = 'UTC'")
        for unique_id in TopologicalSorter(graph).static_order():
            node, query, start = nodes[unique_id], queries[unique_id], time.monotonic()
            if node["resource_type"] == "test":
                ((failures,),) = warehouse.execute(f"select count(*) from ({query}) as failures").fetchall()
                if failures and node["config"]["severity"].lower() == "error":
                    raise SystemExit(f"{node['name']} fails for {failures} rows, and did not with dbt")
            else:
                kind = "view" if node["config"]["materialized"] == "view" else "table"
                warehouse.execute(f"create schema if not exists {node['schema']}")
                warehouse.execute(f"create {kind} {node['schema']}.{node['alias']} as {query}")
            seconds = time.monotonic() - start
            took[node["resource_type"]] += seconds
            slowest[node["name"]] = seconds
        used = threads(warehouse)
    return {
        "seconds": time.monotonic() - began,
        "models": took["model"],
        "tests": took["test"],
        "threads": used,
        "tables": tables(paths),
        "slowest": dict(sorted(slowest.items(), key=lambda item: -item[1])[:5]),
    }


def is_a(manifest: dict[str, Any], unique_id: str, resource_type: str) -> bool:
    return unique_id in manifest["nodes"] and manifest["nodes"][unique_id]["resource_type"] == resource_type


def tables(paths: Paths) -> dict[str, int]:
    """Rows by table, to see that two builds made the same."""
    with duckdb.connect(str(paths.warehouse), read_only=True) as warehouse:
        found = warehouse.execute(
            "select schema_name, table_name from duckdb_tables() order by all"
        ).fetchall()
        return {
            f"{schema}.{table}": warehouse.execute(f"select count(*) from {schema}.{table}").fetchall()[0][0]
            for schema, table in found
        }


def threads(connection: duckdb.DuckDBPyConnection) -> int:
    return connection.execute("select current_setting('threads')").fetchall()[0][0]


MEASUREMENTS: dict[str, Callable[[Paths], dict[str, Any]]] = {
    "copy": copy,
    "land": land,
    "dbt_build": dbt_build,
    "straight": straight,
}

if __name__ == "__main__":
    name, file = sys.argv[1:]
    Path(file).write_text(json.dumps(MEASUREMENTS[name](Paths.from_environment())), encoding="utf-8")
