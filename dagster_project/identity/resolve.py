"""Clusters of source records, by deterministic keys.

Records that share an accepted key are one customer. What a source states (a merge, another system's id, a membership)
is taken first; then an exact mailbox; then a company's own domain. A name alone never joins. Clusters are a pure
function of the records and keys: the id of a customer is made from its earliest source record.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dagster_project.database import connect
from dagster_project.paths import Paths
from dagster_project.sql import literal

STATED = ("source_merge", "external_id", "member_of")
RULES = {  # in order of strength, with the words of `core.identity_evidence`
    "source_merge": "the source merged one record into the other",
    "external_id": "one record carries the other's id",
    "member_of": "the person belongs to the organisation in the source",
    "email": "both records carry the same mailbox",
    "company_domain": "both records carry the same company domain",
}
MAILBOX_LIMIT = 25  # records; a mailbox that more share is a shared one and identifies nobody
DOMAIN_LIMIT = 20  # organisations; a domain that more share is a provider's, not a company's


@dataclass(frozen=True)
class Resolution:
    """What the step made: counts of records, customers and edges, and of keys that a guard refused, by rule."""

    records: int
    customers: int
    edges: int
    refused_keys: dict[str, int]


def resolve(paths: Paths) -> Resolution:
    """Read waist.identity_record and waist.identity_key, write the inputs identity.cluster and identity.evidence."""
    spill = paths.home / "inputs" / ".spill"  # addresses, so in a folder that only the owner opens
    with connect(paths.warehouse, spill=spill) as warehouse:
        con = warehouse.cursor()
        con.execute("set TimeZone = 'UTC'")
        records = _number_records(con)
        refused: dict[str, int] = {}
        labels = np.arange(records)
        edges = []
        for rules in (STATED, ("email",), ("company_domain",)):
            con.register("label", pa.table({"node": np.arange(records), "cluster": labels}))
            links, refused_now = _links(con, rules)
            refused |= refused_now
            edges.append(links)
            labels = _join(labels, links, records)
        evidence = pa.concat_tables(edges)
        con.register("edge", evidence)
        con.register("label", pa.table({"node": np.arange(records), "cluster": labels}))
        _write(con, _CLUSTERS, paths.input("identity", "cluster"))
        _write(con, _EVIDENCE, paths.input("identity", "evidence"))
        return Resolution(records, len(np.unique(labels)), evidence.num_rows, refused)


def _number_records(con: duckdb.DuckDBPyConnection) -> int:
    """Number the records from the earliest on, so that the smallest number of a cluster is its anchor."""
    con.execute("""
        create or replace temp table record as
        select
            row_number() over (order by created_on nulls last, vendor, system, object, source_ref) - 1 as node,
            vendor, system, object, source_ref, kind, is_orphan
        from waist.identity_record
    """)
    con.execute("""
        create or replace temp table held_key as
        select distinct record.node, record.kind, keys.match_rule, keys.match_key
        from waist.identity_key as keys
        inner join record using (vendor, system, object, source_ref)
    """)
    return con.execute("select count(*) from record").fetchall()[0][0]


def _links(con: duckdb.DuckDBPyConnection, rules: tuple[str, ...]) -> tuple[pa.Table, dict[str, int]]:
    """Edges (node, to_node, match_rule) from each record of a key to the key's earliest record, guards applied.

    A mailbox is refused where more than MAILBOX_LIMIT records share it or where people of different organisations do;
    a domain where more than DOMAIN_LIMIT organisations do, or people of different organisations. `label` says
    which records are one so far.
    """
    con.execute(
        """
        create or replace temp table keyed as
        select
            held_key.match_rule,
            held_key.match_key,
            count(*) as records,
            count(distinct label.cluster) filter (where member.node is not null) as employers,
            count(distinct label.cluster) filter (where held_key.kind = 'organisation') as organisations,
            min(held_key.node) as first_node
        from held_key
        inner join label using (node)
        left join (select distinct node from held_key where match_rule = 'member_of' and kind = 'person') as member
            on held_key.node = member.node
        where held_key.match_rule in (select unnest(?::varchar[]))
        group by all
        having count(*) > 1
    """,
        [list(rules)],
    )
    accepted = f"""
        case match_rule
            when 'email' then records <= {MAILBOX_LIMIT} and employers <= 1
            when 'company_domain' then organisations <= {DOMAIN_LIMIT} and employers <= 1
            else true
        end
    """
    refused = con.execute(
        f"select match_rule, count(*) from keyed where not {accepted} group by all"
    ).fetchall()
    links = con.sql(f"""
        select held_key.node, keyed.first_node as to_node, held_key.match_rule
        from keyed
        inner join held_key using (match_rule, match_key)
        where {accepted} and held_key.node <> keyed.first_node
        order by all
    """).to_arrow_table()
    return links, dict(refused)


def _join(labels: np.ndarray, links: pa.Table, records: int) -> np.ndarray:
    """Connected components of the clusters so far and the new links; each is labelled by its smallest node."""
    if not links.num_rows:
        return labels
    source = labels[links["node"].to_numpy()]
    target = labels[links["to_node"].to_numpy()]
    graph = coo_matrix((np.ones(len(source), dtype=np.int8), (source, target)), shape=(records, records))
    component = connected_components(graph, directed=False)[1][labels]
    smallest = np.full(component.max() + 1, records)
    np.minimum.at(smallest, component, np.arange(records))
    return smallest[component]


_STRENGTH = "case match_rule " + " ".join(f"when '{rule}' then {n}" for n, rule in enumerate(RULES)) + " end"

_CLUSTERS = f"""
    with strongest as (
        select node, min_by(match_rule, {_STRENGTH}) as match_rule
        from (select node, match_rule from edge union all select to_node, match_rule from edge)
        group by node
    )
    select
        record.vendor, record.system, record.object, record.source_ref,
        'cus_' || left(
            sha256(concat_ws('|', anchor.vendor, anchor.system, anchor.object, anchor.source_ref)), 20
        ) as customer_id,
        coalesce(
            strongest.match_rule, case when record.is_orphan then 'unresolved' else 'own_record' end
        ) as match_rule,
        cast(1 as decimal(18, 6)) as match_score,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to
    from record
    inner join label on record.node = label.node
    inner join record as anchor on label.cluster = anchor.node
    left join strongest on record.node = strongest.node
    order by record.node
"""

_WORDS = (
    "case match_rule "
    + " ".join(f"when '{rule}' then '{words.replace(chr(39), chr(39) * 2)}'" for rule, words in RULES.items())
    + " end"
)

_EVIDENCE = f"""
    select
        own.vendor, own.system, own.object, own.source_ref,
        other.vendor as other_vendor, other.system as other_system, other.object as other_object,
        other.source_ref as other_source_ref,
        match_rule, cast(1 as decimal(18, 6)) as match_score, {_WORDS} as evidence
    from edge
    inner join record as own on edge.node = own.node
    inner join record as other on edge.to_node = other.node
    order by edge.node, edge.to_node, match_rule
"""


def _write(con: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_suffix(".aside")
    con.execute(f"copy ({query}) to {literal(str(aside))} (format parquet)")
    os.replace(aside, target)
