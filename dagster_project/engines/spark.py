"""Spark: tables as Parquet folders under ONE_COMPANY_HOME, in a session that lives as long as this process.

The catalogue is kept in memory and follows from the files: nothing that a crash could leave locked or half true.
Sources are registered with the columns their files have, so that Spark neither opens all files to find them nor drops a
column that one file lacks.
"""

import atexit
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.engines import Building
from dagster_project.errors import UserError
from dagster_project.paths import Paths
from dagster_project.sql import literal, quoted

if TYPE_CHECKING:  # half a gigabyte that DuckDB's users do not have
    from pyspark.sql import SparkSession

OLDEST_JAVA = 17
SETTING = "ONE_COMPANY_SPARK"
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
        check_java()

    @contextmanager
    def building(self, manifest: Manifest, wanted: Collection[str]) -> Iterator[Building]:
        self.check()
        session = start(self.paths)
        for schema in sorted({node["schema"] for node in models_of(manifest)}):
            session.sql(f"create schema if not exists {schema} location {literal(str(self.folder(schema)))}")
        self._register_sources(session, manifest)
        self._forget(session, manifest, wanted)
        also = self._recall(session, manifest, wanted)
        try:
            yield Building(also, self._rows)
        finally:
            self._show(manifest)

    def folder(self, schema: str, table: str = "") -> Path:
        """Where Spark keeps a schema's tables, or the files of one."""
        return self.paths.spark / "tables" / schema / table

    def _register_sources(self, session: "SparkSession", manifest: Manifest) -> None:
        """Make every source that has files a table of the catalogue, with all the columns of all its files."""
        with duckdb.connect() as reader:
            for schema in sorted({source["source_name"] for source in manifest["sources"].values()}):
                session.sql(f"create schema if not exists {schema}")
            for source in manifest["sources"].values():
                folder = self.paths.source(source["source_name"], source["name"])
                if any(folder.glob("*.parquet")):
                    register(session, reader, f"{source['source_name']}.{source['name']}", folder)

    def _forget(self, session: "SparkSession", manifest: Manifest, wanted: Collection[str]) -> None:
        """Remove the tables that are to be built: Spark makes none where files lie, such as those of a killed run."""
        for node in models_of(manifest, wanted):
            if node["config"]["materialized"] == "table":
                session.sql(f"drop table if exists {node['schema']}.{node['alias']}")
                shutil.rmtree(self.folder(node["schema"], node["alias"]), ignore_errors=True)

    def _recall(self, session: "SparkSession", manifest: Manifest, wanted: Collection[str]) -> Sequence[str]:
        """What an earlier process built and `wanted` reads: tables are registered again, and the views, which no file
        keeps, are returned, to be built again with what they read."""
        nodes = {node["unique_id"]: node for node in models_of(manifest)}
        views: list[str] = []
        left, seen = list(wanted), set(wanted)
        with duckdb.connect() as reader:
            while left:
                for parent in manifest["nodes"][left.pop()]["depends_on"]["nodes"]:
                    if parent not in nodes or parent in seen:
                        continue
                    seen.add(parent)
                    name = f"{nodes[parent]['schema']}.{nodes[parent]['alias']}"
                    if session.catalog.tableExists(name):
                        continue
                    folder = self.folder(*name.split("."))
                    if nodes[parent]["config"]["materialized"] == "table" and is_whole(folder):
                        register(session, reader, name, folder)
                    else:
                        views.append(parent)
                        left.append(parent)
        return views

    def _rows(self, node: Node) -> int | None:
        folder = self.folder(node["schema"], node["alias"])
        if node["config"]["materialized"] != "table" or not is_whole(folder):
            return None
        with duckdb.connect() as reader:
            return reader.execute(
                f"select sum(num_rows)::bigint from parquet_file_metadata({files(folder)})"
            ).fetchall()[0][0]

    def _show(self, manifest: Manifest) -> None:
        """Write `paths.warehouse` anew: a view of each table that is whole, with dbt's descriptions as comments."""
        aside = self.paths.warehouse.with_suffix(".new")
        aside.unlink(missing_ok=True)
        with duckdb.connect(str(aside)) as warehouse:
            for node in models_of(manifest):
                folder = self.folder(node["schema"], node["alias"])
                if node["config"]["materialized"] != "table" or not is_whole(folder):
                    continue
                view = f"{quoted(node['schema'])}.{quoted(node['alias'])}"
                warehouse.execute(f"create schema if not exists {quoted(node['schema'])}")
                warehouse.execute(f"create view {view} as select * from read_parquet({files(folder)})")
                warehouse.execute(f"comment on view {view} is {literal(node['description'])}")
                for column in node["columns"].values():
                    warehouse.execute(
                        f"comment on column {view}.{quoted(column['name'])} is {literal(column['description'])}"
                    )
        os.replace(aside, self.paths.warehouse)


def start(paths: Paths) -> "SparkSession":
    """This process's session, started where there is none yet. What Java says goes to a log file."""
    from pyspark.sql import SparkSession

    if session := SparkSession.getActiveSession():
        return session
    scratch = paths.spark / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)  # what a killed session left
    for folder in (scratch, paths.logs):
        folder.mkdir(parents=True, exist_ok=True)
    builder = SparkSession.builder
    for name, value in settings(paths, scratch).items():
        builder = builder.config(name, value)
    with errors_to(paths.logs / "spark.log"):
        session = builder.getOrCreate()
    atexit.register(session.stop)
    return session


def settings(paths: Paths, scratch: Path) -> dict[str, str]:
    """What the models and this module rely on. All else is Spark's own, to be set in spark-defaults.conf."""
    master = os.environ.get(SETTING, "").strip() or "local[*]"
    here = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return {
        "spark.master": master,
        "spark.app.name": "one_company",
        **(here if master.startswith("local") else {}),
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(paths.spark / "tables"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",  # as DuckDB's: no zone, and ours are all UTC
        "spark.sql.ansi.enabled": "false",  # dbt-spark insists on it
    }


@contextmanager
def errors_to(file: Path) -> Iterator[None]:
    """What this process and the children it starts meanwhile write to standard error goes to a file."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(file, "w") as log:
            os.dup2(log.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def register(session: "SparkSession", reader: duckdb.DuckDBPyConnection, name: str, folder: Path) -> None:
    """Make a folder of Parquet files a table, known by the columns that its files have now."""
    found = reader.execute(
        f"describe select * from read_parquet({files(folder)}, union_by_name = true)"
    ).fetchall()
    columns = ", ".join(f"`{column}` {TYPES.get(kind, kind)}" for column, kind, *_ in found)
    session.sql(f"drop table if exists {name}")
    session.sql(
        f"create table {name} ({columns}) using parquet options (pathGlobFilter '*.parquet') "
        f"location {literal(str(folder))}"
    )


def files(folder: Path) -> str:
    """The Parquet files of a folder, as an SQL literal."""
    return literal(str(folder / "*.parquet"))


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


def check_java() -> None:
    """Raises UserError where there is no Java that Spark can run on."""
    home = os.environ.get("JAVA_HOME", "").strip()
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    remedy = (
        f"Spark needs Java {OLDEST_JAVA} or newer: install it (on Debian and Ubuntu: apt install "
        "default-jre-headless), or set JAVA_HOME to where it is."
    )
    if java is None or not Path(java).exists():
        raise UserError(f"There is no Java{' in ' + home if home else ''}. {remedy}")
    said = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    if not version:
        raise UserError(f"{java} does not run. {remedy}")
    if int(version[1]) < OLDEST_JAVA:
        raise UserError(f"{java} is Java {version[1]}. {remedy}")
