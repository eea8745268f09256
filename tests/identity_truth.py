"""Customers that the identity step found, judged by planted truth.

Pairs of records are counted, never listed: a group of n records that are one customer and were found to be one has
n(n-1)/2 of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dagster_project.defs.identity import READS
from dagster_project.identity.resolve import resolve
from dagster_project.paths import Paths
from tests.company import Model, build_before_identity, land_exports, models

PAIRS = "coalesce(sum(records * (records - 1) // 2), 0)::bigint"


@dataclass(frozen=True)
class Judgement:
    """How well the found customers fit the true ones. `wrongly_joined`: records that share one with a stranger."""

    records: int
    true_customers: int
    found_customers: int
    true_pairs: int
    found_pairs: int
    right_pairs: int
    wrongly_joined: int

    @property
    def precision(self) -> float:
        return self.right_pairs / self.found_pairs if self.found_pairs else 1.0

    @property
    def recall(self) -> float:
        return self.right_pairs / self.true_pairs if self.true_pairs else 1.0

    @property
    def wrongly_joined_share(self) -> float:
        return self.wrongly_joined / self.records


def find_customers(exports: Path, home: Path) -> Paths:
    """From exports up to the identity step: landing, the models that the step reads, the step."""
    paths = Paths(exports=exports, reference=home / "no_reference_tables", home=home)
    home.mkdir(parents=True, exist_ok=True)
    land_exports(paths)
    build_before_identity(paths, read_by_identity())
    resolve(paths)
    return paths


def read_by_identity() -> list[Model]:
    """The models that the identity step reads and all that those are made of, parents first."""
    needed: set[str] = set()
    for model in reversed(models()):
        if [model.schema, model.name] in READS or model.unique_id in needed:
            needed |= {model.unique_id, *model.parents}
    return [model for model in models() if model.unique_id in needed]


class Judge:
    """One outcome of the identity step beside the truth."""

    def __init__(self, paths: Paths, truth: Path):
        self.con = duckdb.connect()
        self.con.execute(f"""
            create table verdict as
            select
                row_number() over (order by system, object, source_ref) - 1 as node, truth.*, cluster.customer_id
            from read_csv('{truth}', all_varchar = true) as truth
            left join (
                select * from '{paths.input("identity", "cluster")}' where vendor = 'plain' and valid_to is null
            ) as cluster using (system, object, source_ref)
        """)
        self.con.execute(f"""
            create table edge as
            select distinct
                match_rule, least(own.node, other.node) as node, greatest(own.node, other.node) as to_node,
                own.true_customer = other.true_customer as is_right
            from '{paths.input("identity", "evidence")}' as evidence
            inner join verdict as own using (system, object, source_ref)
            inner join verdict as other
                on evidence.other_system = other.system
                and evidence.other_object = other.object
                and evidence.other_source_ref = other.source_ref
            where own.node <> other.node
        """)

    def judgement(self) -> Judgement:
        unresolved, doubled = self.rows(
            "select count(*) filter (where customer_id is null), count(*) - count(distinct node) from"
            " (select customer_id, count(*) over (partition by system, object, source_ref) as n, node from verdict)"
        )[0]
        assert (unresolved, doubled) == (0, 0), "each record is of one customer today"
        return self.judge(
            self.con.sql(
                "select true_customer, customer_id as found, count(*) as records from verdict group by all"
            )
        )

    def judge(self, groups: duckdb.DuckDBPyRelation) -> Judgement:
        """`groups`: one row per true and found customer that share records, with how many."""
        self.con.register("groups", groups.to_arrow_table())

        def totals(customer: str) -> tuple[int, ...]:
            return self.rows(f"""
                select count(*), {PAIRS}, coalesce(sum(records) filter (where groups > 1), 0)::bigint, sum(records)::bigint
                from (select sum(records) as records, count(*) as groups from groups group by {customer})
            """)[0]

        true_customers, true_pairs, _, records = totals("true_customer")
        found_customers, found_pairs, wrongly_joined, _ = totals("found")
        right_pairs = self.rows(f"select {PAIRS} from groups")[0][0]
        return Judgement(
            records, true_customers, found_customers, true_pairs, found_pairs, right_pairs, wrongly_joined
        )

    def rules(self) -> list[tuple]:
        """Per rule: pairs of records it ties directly, those right, those wrong, and the recall lost without it.

        The loss is that of the connected components of the evidence, which no guard has looked at.
        """
        counts = self.rows("""
            select match_rule, count(*), count_if(is_right), count_if(not is_right) from edge
            group by all order by all
        """)
        whole = self.joined_without(None).recall
        return [(*row, round(whole - self.joined_without(row[0]).recall, 4)) for row in counts]

    def joined_without(self, rule: str | None) -> Judgement:
        edges = self.con.execute(
            "select node, to_node from edge where match_rule is distinct from ?", [rule]
        ).fetchnumpy()
        records = self.rows("select count(*) from verdict")[0][0]
        graph = coo_matrix(
            (np.ones(len(edges["node"]), dtype=np.int8), (edges["node"], edges["to_node"])),
            shape=(records, records),
        )
        found = connected_components(graph, directed=False)[1]
        self.con.register("component", pa.table({"node": np.arange(records), "found": found}))
        return self.judge(
            self.con.sql("""
                select true_customer, found, count(*) as records from verdict inner join component using (node)
                group by all
            """)
        )

    def by(self, label: str) -> list[tuple]:
        """Per value of `label`, a list of words: records, and the precision and recall of the pairs they are in."""
        return self.rows(f"""
            with counted as (
                select
                    {label} as label,
                    count(*) over (partition by true_customer, customer_id) - 1 as right_pairs,
                    count(*) over (partition by customer_id) - 1 as found_pairs,
                    count(*) over (partition by true_customer) - 1 as true_pairs
                from verdict
            )
            select
                label, count(*) as records,
                round(sum(right_pairs) / nullif(sum(found_pairs), 0), 4),
                round(sum(right_pairs) / nullif(sum(true_pairs), 0), 4)
            from (select unnest(string_split(label, ' ')) as label, * exclude (label) from counted)
            group by label order by label
        """)

    def rows(self, query: str) -> list[tuple]:
        return self.con.execute(query).fetchall()

    def report(self, title: str) -> str:
        """What a person wants to read of it."""
        found = self.judgement()
        noise = "case when is_duplicate = 'false' then 'first_record' else coalesce(noise, 'none') end"
        has_key = "case when is_duplicate = 'false' then 'first_record' when shares_key = 'true' then 'key' else 'no_key' end"
        return "\n".join(
            [
                f"{title}: precision {found.precision:.4f}, recall {found.recall:.4f}, {found.records} records,"
                f" {found.true_customers} true customers, {found.found_customers} found,"
                f" {found.wrongly_joined_share:.4f} of the records with a stranger",
                table(("rule", "pairs tied", "right", "wrong", "recall lost without"), self.rules()),
                table(("noise", "records", "precision", "recall"), self.by(noise)),
                table(("keys", "records", "precision", "recall"), self.by(has_key)),
                table(("story", "records", "precision", "recall"), self.by("story")),
            ]
        )


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [header, *[["" if cell is None else str(cell) for cell in row] for row in rows]]
    widths = [max(len(line[at]) for line in lines) for at in range(len(header))]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
