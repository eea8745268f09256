"""DuckDB: one file, written by this process."""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.database import connect
from dagster_project.engines import Building
from dagster_project.errors import UserError
from dagster_project.paths import Paths


class WarehouseInUse(UserError):
    """Another program holds the warehouse file; that passes when it ends."""


@dataclass(frozen=True)
class DuckDBEngine:
    paths: Paths

    def check(self) -> None:
        """It comes with the project."""

    @contextmanager
    def building(self, manifest: Mapping[str, Any], wanted: Collection[str]) -> Iterator[Building]:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        with private_files(), closing(open_warehouse(self.paths.warehouse)) as warehouse:
            self.paths.warehouse.chmod(0o600)  # one that an earlier version made is open to all
            try:
                yield Building((), lambda node: rows(warehouse, node))
            finally:
                DuckDBConnectionManager.close_all_connections()  # else the file stays locked to other processes


@contextmanager
def private_files() -> Iterator[None]:
    """Whatever this process makes meanwhile is its owner's alone: the warehouse holds names, and so does what spills."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def open_warehouse(path: Path) -> duckdb.DuckDBPyConnection:
    """The warehouse, to be written by this process. Raises WarehouseInUse."""
    try:
        return connect(path)
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        raise WarehouseInUse(
            f"Another program has {path} open ({str(error).splitlines()[0]}): close it there. "
            "To read numbers while the software runs, open published/current/one_company.duckdb."
        ) from error


def rows(warehouse: duckdb.DuckDBPyConnection, node: Mapping[str, Any]) -> int | None:
    found = warehouse.execute(
        "select estimated_size from duckdb_tables() where schema_name = ? and table_name = ?",
        [node["schema"], node["alias"]],
    ).fetchone()
    return found[0] if found else None
