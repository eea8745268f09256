"""Spark: tables as Parquet folders under ONE_COMPANY_HOME, in a session that lives as long as this process.

The catalogue is kept in memory and follows from the files: nothing that a crash could leave locked or half true.
Sources are registered with the columns their files have, so that Spark neither opens all files to find them nor drops a
column that one file lacks.
"""

import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.database import connect
from dagster_project.engines import Building
from dagster_project.engines.spark_address import address, check_answers
from dagster_project.engines.spark_session import check_java, start
from dagster_project.errors import UserError
from dagster_project.paths import Paths
from dagster_project.sql import files_to_read, literal, parquet_folder, quoted

if TYPE_CHECKING:  # half a gigabyte that DuckDB's users do not have
    from pyspark.sql import SparkSession

TYPES = {  # DuckDB's name -> Spark's, where they differ
    "VARCHAR": "string",
    "INTEGER": "int",
    "TIMESTAMP": "timestamp_ntz",
}

Manifest = Mapping[str, Any]
Node = Mapping[str, Any]


@dataclass(frozen=True)
class SparkEngine:
    paths: Paths

    def check(self) -> None:
        if not find_spec("pyspark") or not find_spec("dbt.adapters.spark"):
            raise UserError(
                "ONE_COMPANY_TARGET is spark and Spark's packages are not installed: start with `make run`, "
                "which adds them, or install requirements-spark.lock."
            )
        if not address().startswith("sc://"):  # a Connect server has a Java of its own
            check_java()
        check_answers()

    @contextmanager
    def building(self, manifest: Manifest, wanted: Collection[str]) -> Iterator[Building]:
        self.check()
        session = start(self.paths)
        self._make_schemas(session, manifest)
        self._register_sources(session, manifest)
        also = self._recall(session, manifest, wanted)
        self._forget(session, manifest, [*wanted, *also])
        try:
            yield Building(also, self._rows)
        finally:
            self._show(manifest)

    def folder(self, schema: str, table: str = "") -> Path:
        """Where Spark keeps a schema's tables, or the files of one."""
        return self.paths.spark / "tables" / schema / table

    def _make_schemas(self, session: "SparkSession", manifest: Manifest) -> None:
        """A schema's tables lie in its folder. UserError where a Connect server has another company's schemas."""
        for schema in sorted({node["schema"] for node in models_of(manifest)}):
            folder = self.folder(schema)
            session.sql(f"create schema if not exists {schema} location {literal(str(folder))}")
            about = {row[0]: row[1] for row in session.sql(f"describe schema {schema}").collect()}
            if about["Location"].removeprefix("file:").rstrip("/") != str(folder):
                raise UserError(
                    f"The Spark server {address()} keeps its schema {schema} in {about['Location']}, not under "
                    f"{self.paths.home}: give each company a server of its own, or drop the schema there."
                )

    def _register_sources(self, session: "SparkSession", manifest: Manifest) -> None:
        """Make every source that has files a table of the catalogue, with all the columns of all its files."""
        with connect() as reader:
            for schema in sorted({source["source_name"] for source in manifest["sources"].values()}):
                session.sql(f"create schema if not exists {schema}")
            for source in manifest["sources"].values():
                folder = self.paths.source(source["source_name"], source["name"])
                if any(folder.glob("*.parquet")):
                    register(session, reader, f"{source['source_name']}.{source['name']}", folder)

    def _forget(self, session: "SparkSession", manifest: Manifest, wanted: Collection[str]) -> None:
        """Remove the tables that are to be built: Spark makes none where files lie, such as those of a killed run."""
        for node in models_of(manifest, wanted):
            if is_table(node):
                session.sql(f"drop table if exists {node['schema']}.{node['alias']}")
                shutil.rmtree(self.folder(node["schema"], node["alias"]), ignore_errors=True)

    def _recall(self, session: "SparkSession", manifest: Manifest, wanted: Collection[str]) -> Sequence[str]:
        """What an earlier process built and `wanted` reads: tables are registered again; what no file keeps, as views,
        is returned, to be built again."""
        nodes = {node["unique_id"]: node for node in models_of(manifest)}
        missing: list[str] = []
        left, seen = list(wanted), set(wanted)
        with connect() as reader:
            while left:
                for parent in manifest["nodes"][left.pop()]["depends_on"]["nodes"]:
                    if parent not in nodes or parent in seen:
                        continue
                    seen.add(parent)
                    name = f"{nodes[parent]['schema']}.{nodes[parent]['alias']}"
                    if session.catalog.tableExists(name):
                        continue
                    folder = self.folder(*name.split("."))
                    if is_table(nodes[parent]) and is_whole(folder):
                        register(session, reader, name, folder)
                    else:
                        missing.append(parent)
                        left.append(parent)
        return missing

    def _rows(self, node: Node) -> int | None:
        folder = self.folder(node["schema"], node["alias"])
        if not is_table(node) or not is_whole(folder):
            return None
        with connect() as reader:
            return reader.execute(
                f"select sum(num_rows)::bigint from parquet_file_metadata({files_to_read(folder)})"
            ).fetchall()[0][0]

    def _show(self, manifest: Manifest) -> None:
        """Write `paths.warehouse` anew: a view of each table that is whole, with dbt's descriptions as comments."""
        aside = self.paths.warehouse.with_suffix(".new")
        aside.unlink(missing_ok=True)
        with connect(aside) as warehouse:
            for node in models_of(manifest):
                folder = self.folder(node["schema"], node["alias"])
                if not is_table(node) or not is_whole(folder):
                    continue
                view = f"{quoted(node['schema'])}.{quoted(node['alias'])}"
                warehouse.execute(f"create schema if not exists {quoted(node['schema'])}")
                warehouse.execute(f"create view {view} as select * from {parquet_folder(folder)}")
                warehouse.execute(f"comment on view {view} is {literal(node['description'])}")
                for column in node["columns"].values():
                    warehouse.execute(
                        f"comment on column {view}.{quoted(column['name'])} is {literal(column['description'])}"
                    )
        os.replace(aside, self.paths.warehouse)


def register(session: "SparkSession", reader: duckdb.DuckDBPyConnection, name: str, folder: Path) -> None:
    """Make a folder of Parquet files a table, known by the columns that its files have now."""
    found = reader.execute(f"describe select * from {parquet_folder(folder)}").fetchall()
    columns = ", ".join(f"`{column}` {TYPES.get(kind, kind)}" for column, kind, *_ in found)
    session.sql(f"drop table if exists {name}")
    session.sql(
        f"create table {name} ({columns}) using parquet options (pathGlobFilter '*.parquet') "
        f"location {literal(str(folder))}"
    )


def is_table(node: Node) -> bool:
    return node["config"]["materialized"] == "table"


def is_whole(folder: Path) -> bool:
    """Whether Spark wrote a table to its end."""
    return (folder / "_SUCCESS").exists() and any(folder.glob("*.parquet"))


def models_of(manifest: Manifest, wanted: Collection[str] | None = None) -> list[Node]:
    """The models, or those of the nodes that are wanted (unique ids)."""
    nodes = manifest["nodes"] if wanted is None else wanted
    return [
        manifest["nodes"][unique_id]
        for unique_id in nodes
        if manifest["nodes"][unique_id]["resource_type"] == "model"
    ]
