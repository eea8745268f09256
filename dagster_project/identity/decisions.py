"""What stewards decided: two records are one customer, or are not. Nothing else in the identity step is stronger."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np

from dagster_project.errors import UserError
from dagster_project.identity.memory import PUBLISHED_REF
from dagster_project.paths import Paths
from dagster_project.sql import literal

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
        select
            decision,
            vendor || ' ' || coalesce(system, vendor) || ' ' || object || ' ' || source_ref as one,
            other_vendor || ' ' || coalesce(other_system, other_vendor) || ' ' || other_object || ' ' || other_source_ref
                as other,
            {_node("")} as node, {_node("other_")} as other_node,
            why || ' (' || decided_by || ', ' || decided_on || ')' as word
        from read_parquet({literal(str(file))}) as decisions
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
                select node, other_node from decided
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


def _node(prefix: str) -> str:
    """SQL: the number of a decision's record, by its id in clear or as open tables show it."""
    return f"""(
        select min(record.node) from record
        where record.vendor = decisions.{prefix}vendor
            and record.system = coalesce(decisions.{prefix}system, decisions.{prefix}vendor)
            and record.object = decisions.{prefix}object
            and (record.source_ref = decisions.{prefix}source_ref or {PUBLISHED_REF} = decisions.{prefix}source_ref)
    )"""
