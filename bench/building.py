"""What `dbt build` costs, beside the SQL that it compiled, run straight."""

import json
import time
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.paths import Paths

SLOWEST_SHOWN = 15


def dbt_build(paths: Paths) -> dict[str, Any]:
    """`dbt build` of everything into an empty warehouse, in a home that a run has filled."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    from dagster_project.dbt import Dbt

    dbt = Dbt(paths)
    nodes = dbt.manifest()["nodes"]
    paths.warehouse.unlink()
    began = time.monotonic()
    result = dbt.invoke(["build"])
    DuckDBConnectionManager.close_all_connections()  # writes the file to its end, as `straight` does
    seconds = time.monotonic() - began
    if not result.success:
        raise SystemExit(f"dbt build failed: {result.exception}; its log is in {dbt.logs}")
    took = {"model": 0.0, "test": 0.0}
    for done in result.result:
        took[nodes[done.node.unique_id]["resource_type"]] += done.execution_time
    return {
        "seconds": seconds,
        "models": took["model"],
        "tests": took["test"],
        "tables": tables(paths.warehouse),
    }


def straight(paths: Paths) -> dict[str, Any]:
    """The SQL that dbt compiled, run in one connection on an empty warehouse: models and tests alike.

    The warehouse is one of its own beside the home's, and is left for what measures parts of it.
    """
    nodes, queries = compiled(paths)
    graph = {unique_id: queries.keys() & nodes[unique_id]["depends_on"]["nodes"] for unique_id in queries}
    took = {"model": 0.0, "test": 0.0}
    slowest = {}
    file = straight_warehouse(paths)
    file.unlink(missing_ok=True)
    file.parent.mkdir(exist_ok=True)
    began = time.monotonic()
    with duckdb.connect(str(file)) as warehouse:
        warehouse.execute("set TimeZone = 'UTC'")
        for unique_id in TopologicalSorter(graph).static_order():
            node, query, start = nodes[unique_id], queries[unique_id], time.monotonic()
            if node["resource_type"] == "test":
                ((failures,),) = warehouse.execute(f"select count(*) from ({query}) as failures").fetchall()
                if failures and node["config"]["severity"].lower() == "error":
                    raise SystemExit(f"{node['name']} fails for {failures} rows, and did not with dbt")
            else:
                create(warehouse, node, query)
            seconds = time.monotonic() - start
            took[node["resource_type"]] += seconds
            slowest[node["name"]] = seconds
        threads = warehouse.execute("select current_setting('threads')").fetchall()[0][0]
    return {
        "seconds": time.monotonic() - began,
        "models": took["model"],
        "tests": took["test"],
        "threads": threads,
        "tables": tables(file),
        "slowest": dict(sorted(slowest.items(), key=lambda item: -item[1])[:SLOWEST_SHOWN]),
    }


def straight_warehouse(paths: Paths) -> Path:
    """The file that `straight` builds: of the same name, since compiled SQL names the database after it."""
    return paths.home / "straight" / paths.warehouse.name


def compiled(paths: Paths) -> tuple[Mapping[str, Any], dict[str, str]]:
    """The nodes of the manifest, and the SQL of each model and test that the last `dbt build` ran."""
    results = json.loads((paths.dbt_target / "run_results.json").read_text(encoding="utf-8"))["results"]
    nodes = json.loads((paths.dbt_target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    return nodes, {done["unique_id"]: done["compiled_code"] for done in results}


def create(warehouse: duckdb.DuckDBPyConnection, node: Mapping[str, Any], query: str) -> None:
    kind = "view" if node["config"]["materialized"] == "view" else "table"
    warehouse.execute(f"create schema if not exists {node['schema']}")
    warehouse.execute(f"create {kind} {node['schema']}.{node['alias']} as {query}")


def tables(file: Path) -> dict[str, int]:
    """Rows by table, to see that two builds made the same."""
    with duckdb.connect(str(file), read_only=True) as warehouse:
        found = warehouse.execute(
            "select schema_name, table_name from duckdb_tables() order by all"
        ).fetchall()
        return {
            f"{schema}.{table}": warehouse.execute(f"select count(*) from {schema}.{table}").fetchall()[0][0]
            for schema, table in found
        }
