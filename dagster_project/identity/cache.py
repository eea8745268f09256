"""Scores that were computed before: a pair is scored again only where one of its records is new or has changed.

Kept beside the inputs as one Parquet file of hashes, which may be removed at any time. What it makes is exactly what
scoring all pairs would make: weights depend on the two records and the parameters alone, and a pair counts only while a block
still holds both.
"""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import version
from pathlib import Path

import duckdb

from dagster_project.identity.candidates import BLOCK_LIMIT, BLOCKS, make_blocks, make_pairs
from dagster_project.identity.comparisons import COMPARISONS
from dagster_project.identity.parameters import Parameters
from dagster_project.identity.records import FEATURES
from dagster_project.identity.scoring import score
from dagster_project.paths import Paths
from dagster_project.sql import file_to_read, literal, parquet


def make_pairs_to_score(con: duckdb.DuckDBPyConnection, paths: Paths, parameters: Parameters) -> int:
    """Make the table `pair` from `feature` and `base` (node, cluster): the pairs that have no score yet. Returns how many."""
    make_blocks(con)
    _mark_fresh(con, _file(paths), _made_with(parameters))
    return make_pairs(con)


def make_scored(con: duckdb.DuckDBPyConnection, parameters: Parameters) -> None:
    """Make the table `scored` (node, to_node, weight): the pairs of `pair`, and those that were scored before."""
    score(con, parameters)
    con.execute("""
        insert into scored
        select own.node, other.node as to_node, remembered.weight
        from remembered
        inner join base as own on remembered.key = own.key and not own.is_fresh
        inner join base as other on remembered.other = other.key and not other.is_fresh
        semi join (
            select own_block.node, other_block.node as to_node
            from remembered
            inner join base as own_base on remembered.key = own_base.key
            inner join base as other_base on remembered.other = other_base.key
            inner join block as own_block on own_base.node = own_block.node
            inner join block as other_block on other_base.node = other_block.node and own_block.key = other_block.key
        ) as blocked on own.node = blocked.node and other.node = blocked.to_node
    """)
    con.execute("update scored set node = to_node, to_node = node where node > to_node")


def keep(con: duckdb.DuckDBPyConnection, paths: Paths) -> None:
    """Write what this run scored, for the next one, in one rename."""
    file = _file(paths)
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_suffix(".new")
    ((made_with,),) = con.execute("select made_with from scored_with").fetchall()
    con.execute("""
        create or replace temp table to_keep as
        select 'record' as kind, key, fingerprint as other, cast(null as decimal(12, 4)) as weight from base
        union all
        select 'large_block', key, null, null from large_block
        union all
        select 'pair', own.key, other.key, scored.weight
        from scored
        inner join base as own on scored.node = own.node
        inner join base as other on scored.to_node = other.node
    """)
    metadata = f"{{made_with: {literal(made_with)}, digest: {literal(_digest(con, 'to_keep'))}}}"
    con.execute(f"copy to_keep to {literal(str(aside))} (format parquet, kv_metadata {metadata})")
    os.replace(aside, file)


def forget(paths: Paths) -> None:
    """Remove what was scored before, so that the next run scores all pairs."""
    _file(paths).unlink(missing_ok=True)


def _mark_fresh(con: duckdb.DuckDBPyConnection, file: Path, made_with: str) -> None:
    """Give `base` a key, a fingerprint and `is_fresh`, and make the table `remembered` (key, other, weight)."""
    is_of_use = file.exists() and _is_of_use(con, file, made_with)
    before = parquet(file) if is_of_use else NOTHING
    con.execute(f"""
        create or replace temp table scored_with as select {literal(made_with)} as made_with;
        create or replace temp table remembered as select key, other, weight from {before} where kind = 'pair';
        create or replace table base as
        with known as (
            select key, other as fingerprint from {before} where kind = 'record'
        ),
        printed as (
            select
                base.node, base.cluster, hash(record.address) as key,
                hash({", ".join(f"feature.{name}" for name in FEATURES)}, anchor.address) as fingerprint
            from base
            inner join feature using (node)
            inner join record using (node)
            inner join record as anchor on base.cluster = anchor.node
        ),
        freed as (
            select distinct block.node
            from block
            semi join (select key from {before} where kind = 'large_block') as large using (key)
        )
        select printed.*, known.key is null or freed.node is not null as is_fresh
        from printed
        left join known using (key, fingerprint)
        left join freed using (node)
    """)


NOTHING = (
    "(select '' as kind, cast(0 as ubigint) as key, cast(0 as ubigint) as other, cast(0 as decimal(12, 4)) as weight "
    "where false)"
)


def _made_with(parameters: Parameters) -> str:
    """A hash over all that scores follow from but the records."""
    told = (
        duckdb.__version__,
        version("splink"),
        parameters.as_json(),
        BLOCK_LIMIT,
        BLOCKS,
        FEATURES,
        COMPARISONS,
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _file(paths: Paths) -> Path:
    return paths.home / "inputs" / "identity" / "scores" / "cache.parquet"


def _is_of_use(con: duckdb.DuckDBPyConnection, file: Path, made_with: str) -> bool:
    """Whether the file is whole and was made with the same; where it is not, that costs time and nothing else."""
    try:
        told = dict(
            con.execute(
                f"select decode(key), decode(value) from parquet_kv_metadata({file_to_read(file)})"
            ).fetchall()
        )
        return told.get("made_with") == made_with and told.get("digest") == _digest(con, parquet(file))
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return False


def _digest(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """What tells whether a row was lost or changed."""
    ((rows, signs),) = con.execute(
        f"select count(*), bit_xor(hash(kind, key, other, weight)) from {table}"
    ).fetchall()
    return f"{rows} {signs}"
