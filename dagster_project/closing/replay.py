"""Customer math over again: as it would be by the models of today, from some of the batches and given reference tables.

Only the models that customer math needs are built, from the SQL that dbt has compiled, into a DuckDB file of its own (on either
engine, since both give the same rows). So nothing that readers or the warehouse have is touched, and dbt's cost per node is not
paid again.
"""

import os
import shutil
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import replace as changed
from graphlib import TopologicalSorter
from pathlib import Path

from dagster_project.closing.due import MATH, Manifest, ancestors
from dagster_project.closing.ledger import write
from dagster_project.database import connect
from dagster_project.dbt import Dbt, DbtFailed
from dagster_project.engines.duckdb import private_files
from dagster_project.exports.typed import typed_files
from dagster_project.paths import Paths
from dagster_project.reference import Table, company_settings
from dagster_project.settings import Asked, write_run_settings
from dagster_project.sql import literal, parquet, pattern

# What the identity step made, as far as causes need it: which records are whose, without their names.
WHOSE = """
    select distinct md5(concat_ws(chr(31), vendor, system, object, source_ref)) as record, customer_id
    from {}
    where valid_to is null
"""


def replay(
    paths: Paths,
    manifest: Manifest,
    batches: Collection[str],
    tables: Mapping[str, Table],
    asked: Asked,
    folder: Path,
    resolve: Callable[[Paths], object],
) -> None:
    """Build customer math from `batches` and `tables` as `asked`, and keep what it tells in `folder`."""
    apart = changed(paths, home=paths.home / "replay", engine="duckdb")
    shutil.rmtree(apart.home, ignore_errors=True)
    apart.home.mkdir(mode=0o700)
    for each in typed_files(paths.all_typed):
        if each.stem in batches or each.stem == "contract":
            link = apart.home / each.relative_to(paths.home).with_suffix(".parquet")
            link.parent.mkdir(parents=True, exist_ok=True)
            os.link(each, link)
    for table in tables.values():
        table.write(apart)
    write_run_settings(apart, company_settings(tables), asked)
    (apart.home / "ledger").symlink_to(paths.ledger, target_is_directory=True)
    with private_files():
        _build(paths, apart, manifest, resolve)
        keep(apart, folder)
    shutil.rmtree(apart.home)


def keep(paths: Paths, folder: Path) -> None:
    """What a warehouse tells of customer math: its figures, the movements that they are sums of, and whose records are."""
    with connect() as con:
        con.execute(f"attach {literal(str(paths.warehouse))} as warehouse (read_only)")
        write(
            con,
            "select * from warehouse.customer_assets.customer_math order by all",
            folder / "customer_math.parquet",
        )
        movements = (
            "select customer_id, moved_on, movement, segment, mrr_value, annualised_value, trailing_12m_value "
            "from warehouse.waist.movement"
        )
        write(con, movements, folder / "movement.parquet")
        clusters = parquet(paths.input("identity", "cluster"))
        write(con, WHOSE.format(clusters), folder / "identity.parquet")


def _build(paths: Paths, apart: Paths, manifest: Manifest, resolve: Callable[[Paths], object]) -> None:
    nodes = manifest["nodes"]
    needed = {
        name
        for name in ancestors(manifest, {f"model.one_company.{model}" for model in MATH})
        if name in nodes
    }
    graph = {name: set(nodes[name]["depends_on"]["nodes"]) & needed for name in needed}
    later: set[str] = set()
    order = list(TopologicalSorter(graph).static_order())
    for name in order:
        parents = nodes[name]["depends_on"]["nodes"]
        if later.intersection(parents) or any(
            parent.startswith("source.one_company.identity.") for parent in parents
        ):
            later.add(name)
    compiled = compiled_models(paths, [nodes[name]["original_file_path"] for name in order])
    for is_later in (False, True):
        if is_later:
            resolve(apart)
        with closing(connect(apart.warehouse)) as con:
            con.execute("set TimeZone = 'UTC'")
            for name in order:
                if (name in later) == is_later:
                    node = nodes[name]
                    kind = "view" if node["config"]["materialized"] == "view" else "table"
                    con.execute(f"create schema if not exists {node['schema']}")
                    con.execute(
                        f"create or replace {kind} {node['schema']}.{node['alias']} as "
                        + _elsewhere(compiled[node["original_file_path"]], paths.home, apart.home)
                    )


def compiled_models(paths: Paths, files: Collection[str]) -> dict[str, str]:
    """The compiled SQL of some models, by their files."""
    dbt = Dbt(changed(paths, engine="duckdb"))
    folder = dbt.paths.dbt_target / "compiled" / "one_company"
    if paths.engine != "duckdb" or not all((folder / file).exists() for file in files):
        result = dbt.invoke(["compile", "--no-write-json"])
        if not result.success:
            raise DbtFailed(f"dbt cannot compile its project: {result.exception}")
    return {file: (folder / file).read_text(encoding="utf-8") for file in files}


def _elsewhere(sql: str, home: Path, other: Path) -> str:
    """The SQL with what it reads under `home` read under `other`; both as the macro `landed_rows` writes a folder."""

    for folder in ("typed", "inputs"):
        before, after = (literal(pattern(each / folder)).strip("'") for each in (home, other))
        sql = sql.replace(f"{before}/", f"{after}/")
    return sql
