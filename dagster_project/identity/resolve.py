"""Which source records are one customer.

What a steward decided comes first, then what sources state (a merge, another system's id, a membership), an exact
mailbox, a company's own domain, and last what is very likely by all that is known of two records. A name alone never
joins, and people that are likely one never make one customer of two organisations. Clusters are a pure function of records, decisions and saved
parameters; ids remember what was published.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from dagster_project.database import connect, limit, memory
from dagster_project.identity import cache
from dagster_project.identity.clusters import CANNOT_LINK, Laws, join
from dagster_project.identity.comparisons import COMPARISONS, is_named_alike, levels, speaks
from dagster_project.identity.decisions import Decisions, check, read_decisions
from dagster_project.identity.keys import (
    Edges,
    dated_edges,
    domain_edges,
    forget_refused,
    hold_keys,
    mailbox_edges,
    stated_edges,
)
from dagster_project.identity.memory import assign_ids, read_registry
from dagster_project.identity.parameters import read_parameters
from dagster_project.identity.records import make_features, number_records
from dagster_project.paths import Paths
from dagster_project.sql import literal, parquet, parquet_folder

RULES = {  # in order of strength, with the words of `core.identity_evidence`
    "steward": "a steward decided that they are one customer",
    "source_merge": "the source merged one record into the other",
    "external_id": "one record carries the other's id",
    "member_of": "the person belongs to the organisation in the source",
    "email": "both records carry the same mailbox",
    "company_domain": "both records carry the same company domain",
    "probable": "",  # its words tell what is alike
}
STATED = ("source_merge", "external_id", "member_of")
# Entities that one customer may be made of by anything but statements; people at a company's own domain do not count, nor
# do mentions.
CUSTOMER_LIMIT = 50
SHARE_OF_DUCKDB = 0.8  # of the memory allowed: what is known of the records stands in Python beside it


@dataclass(frozen=True)
class Resolution:
    """What the step made: counts of records, customers, edges by rule, refused links by reason, pairs compared, pairs for
    review; and a sentence for each decision that waits for its records."""

    records: int
    customers: int
    edges: dict[str, int]
    refused: dict[str, int]
    compared: int
    for_review: int
    waiting: list[str] = field(default_factory=list)


def resolve(paths: Paths) -> Resolution:
    """Read waist.identity_record and waist.identity_key, write the inputs identity.cluster, evidence and review.

    Raises UserError where decisions contradict each other or what the ledger holds cannot be read.
    """
    spill = paths.home / "inputs" / ".spill"  # addresses, so in a folder that only the owner opens
    with connect(spill=spill) as con:
        limit(con, spill, int(memory() * SHARE_OF_DUCKDB))
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {literal(str(paths.warehouse))} as warehouse (read_only)")
        return Step(con, paths).run()


class Step:
    """One resolution: the tables of `con`, the clusters so far and the edges they follow from."""

    def __init__(self, con: duckdb.DuckDBPyConnection, paths: Paths) -> None:
        self.con = con
        self.paths = paths
        self.count = number_records(con)
        self.labels = np.arange(self.count)
        self.edges: list[pa.Table] = []
        self.refused: list[pa.Table] = []

    def run(self) -> Resolution:
        con = self.con
        parameters = read_parameters(self.paths.ledger)
        decisions = self.link_known()
        compared = cache.make_pairs_to_score(con, self.paths, parameters)
        cache.make_scored(con, parameters)
        con.execute(TOLD)
        con.execute(f"create or replace temp table join_at as select {parameters.join_at} as weight_at")
        self._link_probable(parameters.join_at)
        self._show_edges()
        self._tell_subsidiaries()
        as_of_on, known_before = self._days()
        read_registry(con, self.paths.ledger, known_before)
        assign_ids(con, as_of_on)
        for name, query in OUTCOME.items():
            _write(con, query, self.paths.input("identity", name))
        cache.keep(con, self.paths)
        return Resolution(
            self.count,
            len(np.unique(self.labels)),
            dict(con.execute("select match_rule, count(*) from edge group by all order by all").fetchall()),
            dict(con.execute("select reason, count(*) from refusal group by all order by all").fetchall()),
            compared,
            con.execute("select count(*) from review").fetchall()[0][0],
            decisions.waiting,
        )

    def link_known(self) -> Decisions:
        """Link what follows from keys and decisions, and make the tables `feature` and `base` that scores depend on."""
        hold_keys(self.con)
        make_features(self.con)
        decisions = read_decisions(self.con, self.paths)
        self.laws = Laws(decisions.cannot_link)
        linked = decisions.must_link
        self._join("steward", Edges(linked[:, 0], linked[:, 1]), replace(self.laws, apart=NO_PAIRS))
        check(self.con, decisions, self.labels)
        for rule in STATED:
            self._join(rule, stated_edges(self.con, rule), self.laws)
        self._leave_tests_alone()
        self._limit_automatic_rules()
        for rule, edges_of in (("email", mailbox_edges), ("company_domain", domain_edges)):
            self.show("label")
            self._join(rule, edges_of(self.con), self.laws)
        forget_refused(self.con)
        self.show("base")
        return decisions

    def _leave_tests_alone(self) -> None:
        """What is one with a test record by now is a test itself: no mailbox, domain or likeness joins more to it but mentions
        of a mailbox that nobody else has.

        Its customer is left out of the numbers, and a real one that shares a domain with a test account's contact is not.
        """
        self.show("label")
        self.con.execute("""
            create or replace temp table tested as
            select node from label
            where cluster in (select label.cluster from label inner join record using (node) where record.is_test)
        """)
        # a mention that is one with something else could take that along
        self.con.execute("""
            create or replace temp table mentioned as
            select min(node) as node from label inner join record using (node)
            group by cluster
            having count(*) = 1 and bool_and(record.is_mention)
        """)
        self.con.execute("""
            create or replace temp table test_mailbox as
            select held_key.match_key
            from held_key
            left join tested using (node)
            left join mentioned using (node)
            where held_key.match_rule = 'email'
            group by held_key.match_key
            having bool_or(tested.node is not null) and bool_and(coalesce(tested.node, mentioned.node) is not null)
        """)
        self.con.execute("""
            delete from held_key
            where match_rule = 'email' and node in (select node from tested) and match_key not in (from test_mailbox)
        """)
        self.con.execute("""
            insert into tested
            select node from held_key semi join test_mailbox using (match_key) semi join mentioned using (node)
            where match_rule = 'email'
        """)
        self.con.execute(
            "delete from held_key where match_rule = 'company_domain' and node in (select node from tested)"
        )
        self.con.execute("delete from feature where node in (select node from tested)")

    def _limit_automatic_rules(self) -> None:
        """What stands now are entities; from here on, laws say how many of them one customer may hold, and of what source."""
        policy = self.paths.input("reference", "batch_policy")
        self.con.execute(f"""
            create or replace temp table unique_source as
            select vendor, system, object, row_number() over (order by vendor, system, object) as number
            from (select distinct vendor, system, object from record)
            semi join (
                select vendor, object from {parquet(policy)} where is_deduplicated
            ) as policy using (vendor, object)
        """)
        told = self.con.sql("""
            select
                coalesce(record.kind, '') as kind, own_domain.node is not null as has_domain, is_mention,
                coalesce(source.number, -1) as source
            from record
            left join (select distinct node from held_key where match_rule = 'company_domain') as own_domain using (node)
            left join unique_source as source using (vendor, system, object)
            order by node
        """).to_arrow_table()
        kind = told["kind"].to_numpy()
        self.is_organisation = kind == "organisation"
        # whoever only wrote or was written to is nobody beside the customer whose mailbox that is
        is_private = (kind == "person") & ~told["has_domain"].to_numpy() & ~told["is_mention"].to_numpy()
        counts = self.is_organisation | is_private
        # an entity counts once, whatever the records it is made of
        weights = np.zeros(self.count)
        weights[np.unique(self.labels[counts])] = 1
        self.laws = replace(
            self.laws,
            sources=told["source"].to_numpy(),
            entities=self.labels.copy(),
            weights=weights,
            limit=CUSTOMER_LIMIT,
        )

    def _join(self, rule: str, edges: Edges, laws: Laws) -> None:
        joined = join(self.labels, edges.source, edges.target, laws)
        self.labels = joined.labels
        is_kept = np.ones(len(edges.source), dtype=bool)
        is_kept[list(joined.refusals)] = False
        self.edges.append(_table(edges.source[is_kept], edges.target[is_kept], "match_rule", [rule]))
        lost = list(joined.refusals)
        self.refused.append(
            _table(
                edges.source[lost], edges.target[lost], "refusal", list(joined.refusals.values())
            ).append_column("match_rule", pa.array([rule] * len(lost), pa.string()))
        )
        self.refused.append(
            edges.refused.append_column("match_rule", pa.array([rule] * len(edges.refused), pa.string()))
        )
        left = edges.among_themselves([edge for edge, why in joined.refusals.items() if why == CANNOT_LINK])
        if len(left.source):
            self._join(rule, left, laws)

    def _link_probable(self, join_at: float) -> None:
        """The pairs of `scored` from `join_at` on that more than a name speaks for, the likest first."""
        found = self.con.sql(f"""
            select scored.node, scored.to_node
            from scored
            inner join told using (node, to_node)
            where scored.weight >= {join_at} and told.speaks
            order by scored.weight desc, scored.node, scored.to_node
        """).to_arrow_table()
        edges = Edges(found["node"].to_numpy(), found["to_node"].to_numpy())
        # organisations first; then people, who never make one customer of two that have organisations
        both = self.is_organisation[edges.source] & self.is_organisation[edges.target]
        self._join("probable", Edges(edges.source[both], edges.target[both]), self.laws)
        organised = np.zeros(self.count, dtype=bool)
        organised[self.labels[self.is_organisation]] = True
        groups = np.where(organised[self.labels], self.labels, -1)
        people = Edges(edges.source[~both], edges.target[~both])
        self._join("probable", people, replace(self.laws, groups=groups))

    def show(self, table: str) -> None:
        """The clusters so far as a table (node, cluster)."""
        con = self.con
        con.register("label_now", pa.table({"node": np.arange(self.count), "cluster": self.labels}))
        con.execute(f"create or replace table {table} as select * from label_now")
        con.unregister("label_now")

    def _show_edges(self) -> None:
        con = self.con
        self.show("label")
        con.register("edge_now", pa.concat_tables(self.edges))
        con.execute("create or replace table edge as select distinct * from edge_now")
        con.register("refused_now", pa.concat_tables([table.select(REFUSED) for table in self.refused]))
        con.execute("""
            create or replace table refusal as
            select distinct refused.node, refused.to_node, refused.match_rule, refused.refusal as reason
            from refused_now as refused
            inner join label as own on refused.node = own.node
            inner join label as other on refused.to_node = other.node
            where own.cluster <> other.cluster
        """)
        con.execute(REVIEW)
        dated_edges(con)

    def _tell_subsidiaries(self) -> None:
        """The table `subsidiary` (node, first_node): a customer's companies, told apart where one only belongs to another."""
        told = pa.concat_tables(self.edges)
        source, target = told["node"].to_numpy(), told["to_node"].to_numpy()
        is_membership = told["match_rule"].to_numpy(zero_copy_only=False) == "member_of"
        kept = ~(is_membership & self.is_organisation[source] & self.is_organisation[target])
        alone = join(np.arange(self.count), source[kept], target[kept], Laws(NO_PAIRS)).labels
        companies = np.unique(alone)
        held = np.bincount(self.labels[companies], minlength=self.count)
        nodes = np.flatnonzero(held[self.labels] > 1)
        self.con.register("subsidiary_now", pa.table({"node": nodes, "first_node": alone[nodes]}))
        self.con.execute("create or replace temp table subsidiary as select * from subsidiary_now")
        self.con.unregister("subsidiary_now")

    def _days(self) -> tuple[date | None, datetime | None]:
        """The as-of day, and the moment (UTC) before which all counts that is known; null where there is none."""
        ((as_of_on,),) = self.con.execute("select as_of_on from warehouse.waist.as_of").fetchall()
        settings = self.paths.input("run", "settings").parent
        ((known_before,),) = self.con.execute(
            f"select known_before from {parquet_folder(settings)}"
        ).fetchall()
        return as_of_on, known_before


def _table(source: np.ndarray, target: np.ndarray, name: str, words: list[str]) -> pa.Table:
    """Edges as a table, with a column of words: one for each, or one for all."""
    values = words * len(source) if len(words) == 1 else words
    return pa.table(
        {
            "node": pa.array(source, pa.int64()),
            "to_node": pa.array(target, pa.int64()),
            name: pa.array(values, pa.string()),
        }
    )


NO_PAIRS = np.empty((0, 2), dtype=np.int64)
REFUSED = ["node", "to_node", "refusal", "match_rule"]


def _case(values: dict[str, object]) -> str:
    told = (
        f"when {literal(name)} then {literal(v) if isinstance(v, str) else v}" for name, v in values.items()
    )
    return f"case match_rule {' '.join(told)} end"


_STRENGTH = _case({rule: n for n, rule in enumerate(RULES)})

_PROBABILITY = "cast(1 / (1 + pow(2, -cast({0} as double))) as decimal(18, 6))"
_WORDS = f"""concat_ws(', ', {", ".join(levels(comparison) for comparison in COMPARISONS)})"""

# What is alike in each scored pair. Its columns are named as Splink names them, so that its conditions hold here too.
TOLD = f"""
    create or replace temp table told as
    select scored.node, scored.to_node, scored.weight, {_WORDS} as words,
        {is_named_alike()} as is_named_alike, {speaks()} as speaks
    from scored
    inner join (select columns(*) as '\\0_l' from feature) as own on scored.node = own.node_l
    inner join (select columns(*) as '\\0_r' from feature) as other on scored.to_node = other.node_r
"""

# Of the pairs of two customers, the likest speaks for all. Who is decided about is not asked about again.
REVIEW = f"""
    create or replace temp table review as
    with unsure as (
        select told.node, told.to_node, 'probable' as match_rule, told.weight, told.words,
            case when told.speaks then 'unsure' when told.is_named_alike then 'name_alone' else 'different_names' end
                as reason
        from told
        cross join join_at
        where not told.speaks or weight < join_at.weight_at
    ),
    refused as (
        select least(refusal.node, refusal.to_node) as node, greatest(refusal.node, refusal.to_node) as to_node,
            refusal.match_rule, told.weight,
            case refusal.match_rule {" ".join(f"when {literal(r)} then {literal(w)}" for r, w in RULES.items() if w)}
                else told.words end as words,
            refusal.reason
        from refusal
        left join told
            on refusal.match_rule = 'probable'
            and least(refusal.node, refusal.to_node) = told.node and greatest(refusal.node, refusal.to_node) = told.to_node
    ),
    found as (
        select * from unsure
        union all
        select * from refused
    ),
    of_customers as (
        select found.*, least(own.cluster, other.cluster) as customer, greatest(own.cluster, other.cluster) as other_customer
        from found
        inner join label as own on found.node = own.node
        inner join label as other on found.to_node = other.node
        where own.cluster <> other.cluster
    ),
    apart as (
        select distinct
            least(own.cluster, other.cluster) as customer, greatest(own.cluster, other.cluster) as other_customer
        from decided
        inner join label as own on decided.node = own.node
        inner join label as other on decided.other_node = other.node
    ),
    reasoned as (
        select of_customers.* replace (case when apart.customer is null then reason else 'cannot_link' end as reason)
        from of_customers
        left join apart
            on of_customers.customer = apart.customer and of_customers.other_customer = apart.other_customer
    ),
    -- several rules may speak for one pair
    pairs as (
        select * from reasoned
        qualify row_number() over (partition by node, to_node, reason order by weight desc nulls last, {_STRENGTH}) = 1
    )
    select *, count(*) over (partition by customer, other_customer, reason) as record_pairs
    from pairs
    qualify row_number() over (
        partition by customer, other_customer, reason order by weight desc nulls last, node, to_node
    ) = 1
"""

_CLUSTERS = f"""
    with ends as (
        select node, match_rule, least(node, to_node) as one, greatest(node, to_node) as other from edge
        union all
        select to_node, match_rule, least(node, to_node), greatest(node, to_node) from edge
    ),
    strongest as (
        select ends.node, min_by(ends.match_rule, {_STRENGTH}) as match_rule, max(told.weight) as weight
        from ends
        left join told on ends.match_rule = 'probable' and ends.one = told.node and ends.other = told.to_node
        group by ends.node
    )
    select
        record.vendor, record.system, record.object, record.source_ref, piece.customer_id,
        case
            when piece.valid_to is not null then 'as_published'
            else coalesce(strongest.match_rule, case when record.is_orphan then 'unresolved' else 'own_record' end)
        end as match_rule,
        case
            when piece.valid_to is not null then null
            when strongest.match_rule = 'probable' then {_PROBABILITY.format("strongest.weight")}
            else cast(1 as decimal(18, 6))
        end as match_score,
        piece.valid_from, piece.valid_to,
        first_record.vendor || '/' || first_record.system || '/' || first_record.object || '/' || first_record.source_ref
            as subsidiary
    from record
    inner join piece using (node)
    left join strongest using (node)
    left join subsidiary using (node)
    left join record as first_record on subsidiary.first_node = first_record.node
    order by record.node, piece.valid_from nulls first
"""

_PAIR = """
    own.vendor, own.system, own.object, own.source_ref,
    other.vendor as other_vendor, other.system as other_system, other.object as other_object,
    other.source_ref as other_source_ref
"""

_EVIDENCE = f"""
    select
        {_PAIR}, edge.match_rule,
        case when edge.match_rule = 'probable' then {_PROBABILITY.format("told.weight")} else cast(1 as decimal(18, 6)) end
            as match_score,
        case edge.match_rule {" ".join(f"when {literal(r)} then {literal(w)}" for r, w in RULES.items() if w)}
            else told.words end
        || case when edge.match_rule = 'steward' then coalesce(': ' || decided.word, '') else '' end as evidence,
        dated.stated_on
    from edge
    inner join record as own on edge.node = own.node
    inner join record as other on edge.to_node = other.node
    left join told
        on edge.match_rule = 'probable'
        and least(edge.node, edge.to_node) = told.node and greatest(edge.node, edge.to_node) = told.to_node
    left join (
        -- one pair may be decided twice, by its ids hashed and in clear
        select greatest(node, other_node) as node, least(node, other_node) as to_node, min(word) as word
        from decided
        group by 1, 2
    ) as decided
        on edge.match_rule = 'steward' and edge.node = decided.node and edge.to_node = decided.to_node
    left join dated
        on edge.node = dated.node and edge.to_node = dated.to_node and edge.match_rule = dated.match_rule
    order by edge.node, edge.to_node, edge.match_rule
"""

_REVIEW = f"""
    select
        {_PAIR}, review.reason, review.match_rule,
        case when review.weight is not null then {_PROBABILITY.format("review.weight")} end as match_score,
        review.words as evidence, cast(review.record_pairs as bigint) as record_pairs
    from review
    inner join record as own on review.node = own.node
    inner join record as other on review.to_node = other.node
    order by review.node, review.to_node, review.reason
"""

OUTCOME = {"cluster": _CLUSTERS, "evidence": _EVIDENCE, "review": _REVIEW}


def _write(con: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_suffix(".aside")
    con.execute(f"copy ({query}) to {literal(str(aside))} (format parquet)")
    os.replace(aside, target)
