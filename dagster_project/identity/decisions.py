"""What stewards decided: two records are one customer, or are not. Nothing else in the identity step is stronger."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np

from dagster_project.errors import UserError
from dagster_project.identity.memory import PUBLISHED_REF
from dagster_project.paths import Paths
from dagster_project.sql import parquet

FILE = "identity_decisions.csv"


@dataclass(frozen=True)
class Decisions:
    """Pairs of nodes, shape (n, 2), and a sentence for each decision that waits for its records."""

    must_link: np.ndarray
    cannot_link: np.ndarray
    waiting: list[str]


def read_decisions(con: duckdb.DuckDBPyConnection, paths: Paths) -> Decisions:
    """The decisions of the reference table as nodes of `record`. Raises UserError where two contradict each other."""
    file = paths.input("reference", "identity_decisions")
    con.execute(f"""
        create or replace temp table decided as
        with decisions as (
            select
                row_number() over () as number, decision, why || ' (' || decided_by || ', ' || decided_on || ')' as word,
                vendor, coalesce(system, vendor) as system, object, source_ref,
                other_vendor, coalesce(other_system, other_vendor) as other_system, other_object, other_source_ref
            from {parquet(file)}
        ),
        named as (
            select number, false as is_other, vendor, system, object, source_ref from decisions
            union all
            select number, true as is_other, other_vendor, other_system, other_object, other_source_ref from decisions
        ),
        -- by its id in clear, or as open tables show it
        found as (
            select named.number, named.is_other, min(record.node) as node
            from (
                select node, vendor, system, object, source_ref from record
                union all
                select node, vendor, system, object, {PUBLISHED_REF} as source_ref from record where source_ref like '%@%'
            ) as record
            inner join named using (vendor, system, object, source_ref)
            group by named.number, named.is_other
        )
        select
            decisions.decision, decisions.word,
            concat_ws(' ', vendor, system, object, source_ref) as one,
            concat_ws(' ', other_vendor, other_system, other_object, other_source_ref) as other,
            own.node, other.node as other_node
        from decisions
        left join found as own on decisions.number = own.number and not own.is_other
        left join found as other on decisions.number = other.number and other.is_other
    """)
    waiting = [
        f"{FILE}: no record {one} has arrived, so that {decision} of it waits; check its id where it should have."
        for decision, one in con.execute("""
            select decision, one from decided where node is null
            union select decision, other from decided where other_node is null
            order by all
        """).fetchall()
    ]
    found = {
        decision: np.array(
            con.execute(
                """
                select distinct greatest(node, other_node), least(node, other_node) from decided
                where decision = ? and node is not null and other_node is not null and node <> other_node
                order by all
                """,
                [decision],
            ).fetchall(),
            dtype=np.int64,
        ).reshape(-1, 2)
        for decision in ("must_link", "cannot_link")
    }
    return Decisions(found["must_link"], found["cannot_link"], waiting)


def check(con: duckdb.DuckDBPyConnection, decisions: Decisions, linked: np.ndarray) -> None:
    """Raises UserError where records that must be one customer, label by label in `linked`, cannot be one."""
    apart = decisions.cannot_link
    broken = apart[linked[apart[:, 0]] == linked[apart[:, 1]]] if len(apart) else apart
    if len(broken):
        named = [_named(con, int(node)) for node in broken[0]]
        raise UserError(
            f"{FILE}: {named[0]} and {named[1]} cannot be one customer by one row, and must be by others; "
            "take one of them out."
        )


def _named(con: duckdb.DuckDBPyConnection, node: int) -> str:
    (found,) = con.execute(
        f"select vendor, system, object, {PUBLISHED_REF} from record where node = ?", [node]
    ).fetchall()
    return " ".join(found)
