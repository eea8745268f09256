"""A company's warehouse, built for a test: the real landing, identity and models, without dbt's cost for each company.

dbt compiles the project once per test session; each company then runs that SQL straight, in the order of the
graph. What dbt adds (tests, contracts, comments) is shown on the sample company, built by the whole job.

Most companies of tests send one vendor's files. A model is made from its sources alone, so one that reads only what this
company never sent is what it is for a company of which nothing came, and is copied from there.
"""

import filecmp
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from graphlib import TopologicalSorter
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb

from dagster_project.dbt import Dbt
from dagster_project.exports.contracts import load_all_contracts
from dagster_project.exports.landing import land
from dagster_project.exports.typed import hold_back, type_batches
from dagster_project.identity.resolve import resolve
from dagster_project.paths import Paths
from dagster_project.plan import later_batches
from dagster_project.reference import company_settings, read_reference
from dagster_project.settings import Asked, write_run_settings
from tests.identity_ledger import remember
from tests.oracles.customer_math import Stay

COMPILED_FOR = Path(
    mkdtemp(prefix="compiled_")
)  # a home that the compiled SQL names, and each company's takes its place


IDENTITY_READS = {"identity_record", "identity_key"}
NOTHING = Path(mkdtemp(prefix="no_exports_"))


@dataclass(frozen=True)
class Model:
    unique_id: str
    name: str
    schema: str
    is_view: bool
    sql: str
    parents: frozenset[str]

    def build(self, warehouse: duckdb.DuckDBPyConnection, home: Path) -> None:
        kind = "view" if self.is_view else "table"
        warehouse.execute(f"create schema if not exists {self.schema}")
        warehouse.execute(
            f"create or replace {kind} {self.schema}.{self.name} as {self.sql.replace(str(COMPILED_FOR), str(home))}"
        )


@cache
def manifest(engine: str) -> dict[str, Any]:
    """What dbt knows of the project, its SQL compiled for an engine."""
    paths = Paths(COMPILED_FOR, COMPILED_FOR, COMPILED_FOR, engine)
    result = Dbt(paths).invoke(["compile", "--no-populate-cache"])
    assert result.success, result.exception
    return json.loads((paths.dbt_target / "manifest.json").read_text())


def give_parse(home: Path) -> None:
    """Give a new home what dbt makes of the project's files: it is the same in each, and takes nine seconds."""
    of_all, own = (Dbt(Paths(folder, folder, folder)) for folder in (COMPILED_FOR, home))
    if not own.paths.dbt_target.exists():
        of_all.manifest()
        for parsed in of_all.paths.dbt_target.glob("parsed_*"):
            shutil.copytree(parsed, own.paths.dbt_target / parsed.name)


@cache
def models(engine: str = "duckdb") -> list[Model]:
    """Every model of the project, compiled, parents before children."""
    nodes = manifest(engine)["nodes"]
    found = {
        unique_id: Model(
            unique_id,
            node["alias"],
            node["schema"],
            node["config"]["materialized"] == "view",
            node["compiled_code"],
            frozenset(node["depends_on"]["nodes"]),
        )
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model"
    }
    graph = {unique_id: model.parents & found.keys() for unique_id, model in found.items()}
    return [found[unique_id] for unique_id in TopologicalSorter(graph).static_order()]


def after_identity() -> set[str]:
    """The models that need to know which records are one customer."""
    later: set[str] = set()
    for model in models():
        if (
            any(parent.startswith("source.one_company.identity.") for parent in model.parents)
            or model.parents & later
        ):
            later.add(model.unique_id)
    return later


def needed_for(rooms: Sequence[str]) -> list[Model]:
    """The models of some schemas, and all that they and the identity step need, parents before children."""
    needed: set[str] = set()
    for model in reversed(models()):
        is_asked_for = not rooms or model.schema in rooms or model.name in IDENTITY_READS
        if is_asked_for or model.unique_id in needed:
            needed |= {model.unique_id, *model.parents}
    return [model for model in models() if model.unique_id in needed]


def build(
    exports: Path,
    reference: Path,
    home: Path,
    asked: Asked | None = None,
    stays: tuple[Stay, ...] = (),
    rooms: Sequence[str] = (),
) -> duckdb.DuckDBPyConnection:
    """Everything from exports to rooms. Returns a connection to the built warehouse.

    `stays` are those that the identity step remembers; `rooms` the schemas to build, with all that they need (none: all).
    """
    paths = Paths(exports=exports, reference=reference, home=home)
    land_exports(paths, asked)
    return build_landed(paths, stays, rooms)


def land_exports(paths: Paths, asked: Asked | None = None) -> None:
    """Everything up to what the models read.

    A reference folder that does not exist stands for a company that keeps no tables.
    """
    if not paths.landing.exists() and paths.exports != NOTHING:
        for folder in ("landing", "typed"):
            shutil.copytree(home_without_exports() / folder, paths.home / folder)
    reference = paths.reference
    if not reference.exists():  # a company that keeps no reference tables
        reference = paths.home / "no_reference"
        reference.mkdir(parents=True)
    tables = read_reference(reference)
    for table in tables.values():
        table.write(paths)
    rows = {name: [row.values for row in table.rows] for name, table in tables.items()}
    contracts = load_all_contracts()
    land(paths, contracts, rows["batch_policy"], rows["batch_decisions"], lambda _: None)
    type_batches(paths, contracts)
    hold_back(paths, later_batches(paths, asked or Asked()))
    write_run_settings(paths, company_settings(tables), asked or Asked())


@cache
def home_without_exports() -> Path:
    """Where nothing has landed: what is written for each object of which nothing came is the same for all companies."""
    home = Path(mkdtemp(prefix="nothing_landed_"))
    land_exports(company_without_exports(home))
    return home


def company_without_exports(home: Path) -> Paths:
    return Paths(exports=NOTHING, reference=home / "none", home=home)


@cache
def built_of_nothing() -> dict[str, str]:
    """The models before the identity step, in the warehouse of `home_without_exports`, and the SQL of each."""
    paths, later = company_without_exports(home_without_exports()), after_identity()
    built = [model for model in models() if model.unique_id not in later]
    with opened(paths.warehouse) as warehouse:
        for model in built:
            replace(model, is_view=False).build(warehouse, paths.home)
    return {model.unique_id: model.sql for model in built}


def same_as_of_nothing(paths: Paths) -> set[str]:
    """The models all of whose sources, as their SQL names them, are what they are where nothing landed."""
    built, same = built_of_nothing(), set()
    is_same = cache(partial(holds_the_same, paths.home, home_without_exports()))
    of_a_source = re.compile(f"{re.escape(str(COMPILED_FOR))}/(\\w+/\\w+/\\w+)/")
    for model in models():
        parents = {parent for parent in model.parents if parent.startswith("model.")}
        if built.get(model.unique_id) == model.sql and parents <= same:
            if all(is_same(folder) for folder in of_a_source.findall(model.sql)):
                same.add(model.unique_id)
    return same


def holds_the_same(home: Path, other: Path, folder: str) -> bool:
    """Whether two homes have the same Parquet files in a folder."""
    names = sorted(file.name for file in (home / folder).glob("*.parquet"))
    return names == sorted(file.name for file in (other / folder).glob("*.parquet")) and all(
        filecmp.cmp(home / folder / name, other / folder / name, shallow=False) for name in names
    )


def opened(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """One thread: the tests have a process on each core, and most of what little companies cost is planning."""
    connection = duckdb.connect(str(warehouse))
    connection.execute("set TimeZone = 'UTC'; set threads = 1")
    return connection


def build_before_identity(paths: Paths, wanted: Sequence[Model]) -> None:
    """Those of `wanted` that the identity step may need, parents before children, in a warehouse that has nothing else."""
    later, same = after_identity(), same_as_of_nothing(paths)
    nothing = company_without_exports(home_without_exports()).warehouse
    with opened(paths.warehouse) as warehouse:
        if same:
            warehouse.execute(f"attach '{nothing}' as nothing (read_only)")
        warehouse.execute("begin")
        for schema in {model.schema for model in models()}:
            warehouse.execute(f"drop schema if exists {schema} cascade")
            warehouse.execute(f"create schema {schema}")
        for model in wanted:
            table = f"{model.schema}.{model.name}"
            if model.unique_id in same:
                warehouse.execute(f"create table {table} as select * from nothing.{table}")
            elif model.unique_id not in later:
                model.build(warehouse, paths.home)
        warehouse.execute("commit")


def build_landed(
    paths: Paths, stays: tuple[Stay, ...] = (), rooms: Sequence[str] = ()
) -> duckdb.DuckDBPyConnection:
    """The models over what is landed. Returns a connection to the warehouse."""
    later, needed = after_identity(), needed_for(rooms)
    build_before_identity(paths, needed)
    resolve(paths)
    remember(paths, stays)
    warehouse = opened(paths.warehouse)
    warehouse.execute("begin")
    for model in needed:
        if model.unique_id in later:
            model.build(warehouse, paths.home)
    warehouse.execute("commit")
    return warehouse
