"""Edges by exact keys: what sources state, mailboxes, companies' own domains, each under its guard."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa

MAILBOX_LIMIT = 25  # records but mentions; a mailbox that more share is a shared one and identifies nobody
MENTION_LIMIT = 1000  # records and mentions: the names of a mailbox are compared each with each
DOMAIN_LIMIT = 20  # organisations, or people where none has it; a domain that more share is a provider's, not a company's
# SQL over `keyed`: whether so many share a domain that it identifies nobody
SHARED_DOMAIN = f"(organisations > {DOMAIN_LIMIT} or (organisations = 0 and people > {DOMAIN_LIMIT}))"

NOTHING_REFUSED = pa.table(
    {
        "node": pa.array([], pa.int64()),
        "to_node": pa.array([], pa.int64()),
        "refusal": pa.array([], pa.string()),
    }
)


@dataclass(frozen=True)
class Edges:
    """Edges between nodes, strongest first, and those that a guard refused: (node, to_node, why).

    `key`: the number of the key that two records carry alike, for each edge from one of its records to the first; negative
    where the edge says more than that.
    """

    source: np.ndarray
    target: np.ndarray
    refused: pa.Table = field(default_factory=lambda: NOTHING_REFUSED)
    key: np.ndarray | None = None

    def among_themselves(self, barred: list[int]) -> Edges:
        """Edges between the records whose edges to the first of their key, by index, came to nothing."""
        records: dict[int, list[int]] = {}
        for edge in barred:
            if self.key is not None and self.key[edge] >= 0:
                records.setdefault(int(self.key[edge]), []).append(int(self.source[edge]))
        found = np.array(
            [
                (node, nodes[0], key)
                for key, nodes in enumerate(sorted(records.values()))
                for node in nodes[1:]
            ],
            dtype=np.int64,
        ).reshape(-1, 3)
        return Edges(found[:, 0], found[:, 1], key=found[:, 2])


def hold_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `held_key` (node, match_rule, match_key) from the models' keys."""
    con.execute("""
        create or replace temp table held_key as
        select distinct record.node, keys.match_rule, keys.match_key
        from warehouse.waist.identity_key as keys
        inner join record using (vendor, system, object, source_ref)
    """)
    con.execute(
        "create or replace temp table member as select distinct node from held_key where match_rule = 'member_of'"
    )


def dated_edges(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `dated` (node, to_node, match_rule, stated_on) of those edges whose source says when it was stated.

    Two records that were each stated to be a third are one since the later of the two days; one of them may be the third
    itself, which has no day.
    """
    con.execute("""
        create or replace temp table statement as
        with stated as (
            select record.node, keys.match_rule, keys.match_key, keys.stated_on
            from warehouse.waist.identity_key as keys
            inner join record using (vendor, system, object, source_ref)
            where keys.stated_on is not null
        )
        select * from stated
        union all
        select record.node, named.match_rule, named.match_key, cast(null as date) as stated_on
        from (select distinct match_rule, match_key from stated) as named
        inner join record on named.match_key = record.address
    """)
    con.execute("""
        create or replace temp table dated as
        select edge.node, edge.to_node, edge.match_rule, min(greatest(own.stated_on, other.stated_on)) as stated_on
        from edge
        inner join statement as own on edge.node = own.node and edge.match_rule = own.match_rule
        inner join statement as other
            on edge.to_node = other.node and own.match_rule = other.match_rule and own.match_key = other.match_key
        group by edge.node, edge.to_node, edge.match_rule
    """)


def stated_edges(con: duckdb.DuckDBPyConnection, rule: str) -> Edges:
    """From each record that states something of another to that one; to the earliest that says so, where it has not arrived."""
    found = con.sql(
        """
        with centre as (
            select held_key.match_key, min(node) as first_node,
                min(node) filter (where record.address = held_key.match_key) as named_node
            from held_key
            inner join record using (node)
            where held_key.match_rule = ?
            group by held_key.match_key
            having count(*) > 1
        )
        select held_key.node, coalesce(centre.named_node, centre.first_node) as to_node,
            case when centre.named_node is null then cast(hash(match_key) >> 1 as bigint) else -1 end as key
        from held_key
        inner join centre using (match_key)
        where held_key.match_rule = ? and held_key.node <> coalesce(centre.named_node, centre.first_node)
        order by all
        """,
        params=[rule, rule],
    ).to_arrow_table()
    return Edges(_nodes(found, "node"), _nodes(found, "to_node"), key=_nodes(found, "key"))


def mailbox_edges(con: duckdb.DuckDBPyConnection) -> Edges:
    """From each record to the earliest one of its mailbox, where the mailbox says who somebody is.

    One that more than MAILBOX_LIMIT records share, or people of different customers, does not. Mentions do not count, but
    more than MENTION_LIMIT of both are too many. Where names of a kind are not alike, or a person and an organisation live in
    different places, the mailbox was handed on or is shared: then only those go together whose names are alike.

    Also makes the table `doubtful` (node): the records of such mailboxes, and of those that too many share, unless all of
    these are one customer by now.
    """
    _key_table(con, "email")
    con.execute(f"""
        create or replace temp table sharer as
        select
            keyed.match_key, keyed.first_node, held_key.node, label.cluster, record.kind, feature.name, feature.first_word,
            feature.last_word, feature.sorted_name, feature.spelled_name, string_split(feature.name, ' ') as words, feature.postcode,
            case
                when keyed.records > {MAILBOX_LIMIT} or keyed.records_and_mentions > {MENTION_LIMIT} then 'shared_mailbox'
                when keyed.employers > 1 then 'two_customers'
            end as refusal
        from keyed
        inner join held_key using (match_key)
        inner join record using (node)
        inner join label using (node)
        left join feature using (node)
        where held_key.match_rule = 'email'
    """)
    con.execute("""
        create or replace temp table alike as
        select own.match_key, own.node, min(other.node) as to_node
        from sharer as own
        inner join sharer as other
            on own.match_key = other.match_key and own.kind = other.kind and other.node < own.node
        where own.refusal is null and own.name is not null and other.name is not null and (
            own.cluster = other.cluster
            or own.first_word = other.first_word
            or (own.last_word = other.last_word and left(own.first_word, 1) = left(other.first_word, 1))
            -- initials stand for what begins with them
            or (left(own.first_word, 1) = left(other.first_word, 1) and left(own.last_word, 1) = left(other.last_word, 1)
                and least(length(own.first_word), length(own.last_word), length(other.first_word), length(other.last_word)) = 1)
            or list_has_all(own.words, other.words)
            or list_has_all(other.words, own.words)
            or (length(own.sorted_name) >= 6 and (levenshtein(own.sorted_name, other.sorted_name) <= 2
                or levenshtein(own.spelled_name, other.spelled_name) <= 2))
            or (own.kind = 'organisation'
                and list_has_any(list_filter(own.words, lambda word: length(word) >= 4), other.words))
        )
        group by own.match_key, own.node
    """)
    con.execute("""
        create or replace temp table ambiguous as
        select match_key
        from sharer
        anti join alike using (match_key, node)
        where name is not null and refusal is null
        group by match_key, kind
        having count(*) > 1
        union
        select match_key
        from sharer
        where refusal is null
        group by match_key
        having count(distinct cluster) > 1
            and list_has_any(
                list(distinct postcode) filter (where kind = 'person' and postcode is not null),
                list(distinct postcode) filter (where kind = 'organisation' and postcode is not null)
            ) = false
    """)
    con.execute("""
        create or replace temp table doubtful as
        with unsure as (
            select match_key from ambiguous
            union
            select match_key from sharer where refusal = 'shared_mailbox' group by match_key having count(distinct cluster) > 1
        )
        select distinct sharer.node
        from sharer
        semi join unsure using (match_key)
        where sharer.first_word is null or length(sharer.first_word) < 4
            or not contains(split_part(sharer.match_key, '@', 2), sharer.first_word)
    """)
    found = con.sql("""
        select
            sharer.node,
            case when ambiguous.match_key is not null and alike.node is not null then alike.to_node
                else sharer.first_node end as to_node,
            case
                when sharer.refusal is not null then sharer.refusal
                when ambiguous.match_key is not null and alike.node is null then 'different_names'
            end as refusal,
            case when ambiguous.match_key is null then cast(hash(match_key) >> 1 as bigint) else -1 end as key
        from sharer
        left join alike using (match_key, node)
        left join ambiguous using (match_key)
        where sharer.node <> sharer.first_node
        order by all
    """).to_arrow_table()
    return _edges(found)


def forget_refused(con: duckdb.DuckDBPyConnection) -> None:
    """Take the mailboxes and domains that too many share out of `feature`: what identifies nobody is no likeness either.

    It reads what `mailbox_edges` and `domain_edges`, in this order, made of them.
    """
    con.execute("""
        update feature set mailbox = null
        where node in (select node from sharer where refusal = 'shared_mailbox')
    """)
    con.execute(f"""
        update feature set domain = null
        where domain in (select match_key from keyed where {SHARED_DOMAIN})
            or node in (select node from sharer semi join doubtful using (node) where refusal = 'shared_mailbox')
    """)


def domain_edges(con: duckdb.DuckDBPyConnection) -> Edges:
    """From each record to the earliest one of its company's domain, unless more than DOMAIN_LIMIT organisations use it, more
    than so many people where no organisation does, or people of different customers that may not well be one
    (`_shared_domains`). A record whose mailbox may be another's does not count, but where the domain spells its name."""
    con.execute("""
        delete from held_key
        where match_rule = 'company_domain' and node in (select node from doubtful)
    """)
    _key_table(con, "company_domain")
    _shared_domains(con)
    found = con.sql(f"""
        select held_key.node, keyed.first_node as to_node,
            case
                when {SHARED_DOMAIN} then 'shared_domain'
                when keyed.employers > 1 and shared_domain.match_key is null then 'two_customers'
            end as refusal,
            cast(hash(match_key) >> 1 as bigint) as key
        from keyed
        inner join held_key using (match_key)
        left join shared_domain using (match_key)
        where held_key.match_rule = 'company_domain' and held_key.node <> keyed.first_node
        order by all
    """).to_arrow_table()
    return _edges(found)


def _shared_domains(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `shared_domain` (match_key): domains of `keyed` whose people belong to several organisations, each of
    which holds the domain on a record of its own, while no source places these people in two of them: what each system calls
    its one customer of that domain."""
    con.execute("""
        create or replace temp table shared_domain as
        with employer as (
            select
                keyed.match_key,
                label.cluster,
                list(distinct record.vendor || '|' || record.system) filter (where record.kind = 'person') as systems,
                bool_or(record.kind = 'organisation') as is_its_own
            from keyed
            inner join held_key using (match_key)
            inner join member using (node)
            inner join record using (node)
            inner join label using (node)
            where held_key.match_rule = 'company_domain' and keyed.employers > 1
            group by all
            having systems is not null
        )
        select match_key
        from employer
        group by match_key
        having bool_and(is_its_own) and sum(len(systems)) = len(list_distinct(flatten(list(systems))))
    """)


def _key_table(con: duckdb.DuckDBPyConnection, rule: str) -> None:
    """Make the table `keyed`: each key of a rule that two records or more share, with what its guard asks about.
    `label` (node, cluster) says which records are one so far."""
    con.execute(
        """
        create or replace temp table keyed as
        select
            held_key.match_key,
            count(*) filter (where not record.is_mention) as records,
            count(*) as records_and_mentions,
            count(distinct label.cluster) filter (where member.node is not null and record.kind = 'person') as employers,
            count(distinct label.cluster) filter (where record.kind = 'organisation') as organisations,
            count(distinct label.cluster) filter (where record.kind = 'person' and not record.is_mention) as people,
            min(held_key.node) as first_node
        from held_key
        inner join label using (node)
        inner join record using (node)
        left join member using (node)
        where held_key.match_rule = ?
        group by held_key.match_key
        having count(*) > 1
        """,
        [rule],
    )


def _edges(found: pa.Table) -> Edges:
    is_refused = found["refusal"].is_valid()
    accepted = found.filter(pa.compute.invert(is_refused))
    refused = found.filter(is_refused).select(NOTHING_REFUSED.column_names)
    return Edges(_nodes(accepted, "node"), _nodes(accepted, "to_node"), refused, _nodes(accepted, "key"))


def _nodes(table: pa.Table, column: str) -> np.ndarray:
    return table[column].to_numpy().astype(np.int64)
