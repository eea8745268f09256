"""The ids that were published, and what becomes of them: `ledger/identity/registry.parquet`.

One row per source record and days, [valid_from, valid_to), with the customer it belonged to, as last published. An id
stays with the cluster that holds most of its records. Where records of two published ids become one customer, or one
published id is found to be two, the records that change their id do so on the as-of day of the run that found it;
until then they keep the id that was published.
"""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import duckdb

from dagster_project.database import connect
from dagster_project.errors import UserError
from dagster_project.sql import file_to_read, literal, parquet

FORMAT = 1
COLUMNS = "vendor, system, object, source_ref, customer_id, valid_from, valid_to, learned_at"
DAMAGED = "{} is damaged: restore it from a backup."
# As the models publish a reference: what is shaped like an address is hashed. The registry holds no others.
PUBLISHED_REF = "case when source_ref like '%@%' then 'hashed:' || md5(source_ref) else source_ref end"


def registry_file(ledger: Path) -> Path:
    return ledger / "identity" / "registry.parquet"


def read_registry(con: duckdb.DuckDBPyConnection, ledger: Path, known_before: datetime | None) -> None:
    """Make the table `held` (node, customer_id, valid_from, valid_to): the ids that records of `record` were published with,
    and `taken` (customer_id): every id ever published. With `known_before` (UTC), as the registry was at that moment."""
    file = registry_file(ledger)
    if file.exists():
        _check(con, file)
        source = parquet(file)
    else:
        source = f"(select {EMPTY} where false)"
    con.execute(f"""
        create or replace temp table registered as
        select
            * exclude (valid_to),
            case when lead(valid_from) over (partition by vendor, system, object, source_ref order by valid_from nulls first)
                is not null then valid_to end as valid_to
        from {source}
        {f"where learned_at < cast({literal(str(known_before))} as timestamp)" if known_before else ""}
    """)
    con.execute(f"""
        create or replace temp table held as
        select record.node, registered.customer_id, registered.valid_from, registered.valid_to
        from (select node, vendor, system, object, {PUBLISHED_REF} as source_ref from record) as record
        inner join registered using (vendor, system, object, source_ref)
    """)
    con.execute(
        "create or replace temp table taken as select distinct customer_id from registered order by all"
    )


def assign_ids(con: duckdb.DuckDBPyConnection, as_of_on: date | None) -> None:
    """Make the table `piece` (node, customer_id, valid_from, valid_to) from `label` (node, cluster) and `held`."""
    _keep_ids(con)
    _mint_ids(con)
    day = f"cast({literal(str(as_of_on))} as date)" if as_of_on else "cast(null as date)"
    con.execute(f"""
        create or replace temp table piece as
        with changed as (
            select held.node, held.customer_id, kept.customer_id as new_id, held.valid_from, held.valid_to,
                held.valid_to is null and held.customer_id <> kept.customer_id as is_moved,
                held.valid_from is null or held.valid_from < {day} as is_earlier
            from held
            inner join label using (node)
            inner join kept using (cluster)
        ),
        pieces as (
            select label.node, kept.customer_id, cast(null as date) as valid_from, cast(null as date) as valid_to
            from label
            inner join kept using (cluster)
            anti join held using (node)
            union all
            select node, customer_id, valid_from, valid_to from changed where not is_moved
            union all
            select node, customer_id, valid_from, {day} from changed where is_moved and is_earlier
            union all
            select node, new_id, case when is_earlier then {day} else valid_from end, null from changed where is_moved
        ),
        -- what moved and came back on one day never moved
        marked as (
            select *, customer_id is distinct from
                lag(customer_id) over (partition by node order by valid_from nulls first) as is_start
            from pieces
        ),
        runs as (
            select *, sum(case when is_start then 1 else 0 end)
                over (partition by node order by valid_from nulls first rows unbounded preceding) as run
            from marked
        ),
        joined as (
            select node, any_value(customer_id) as customer_id, any_value(valid_from) filter (where is_start) as valid_from,
                case when bool_or(valid_to is null) then null else max(valid_to) end as valid_to
            from runs
            group by node, run
        )
        select node, customer_id, valid_from, case when valid_to <= {day} then valid_to end as valid_to
        from joined
        where valid_from is null or {day} is null or valid_from <= {day}
    """)


def _keep_ids(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `kept` (cluster, customer_id): published ids that stay, first where most of their records are now;
    then ids that nobody has any more come back to records that once had them, as when a merge is undone."""
    con.execute("create or replace temp table kept (cluster bigint, customer_id varchar)")
    for which in ("held.valid_to is null", "true"):
        con.execute(f"""
            insert into kept
            with votes as (
                select held.customer_id, label.cluster, count(distinct node) as records, min(node) as first_node
                from held
                inner join label using (node)
                anti join kept on kept.cluster = label.cluster
                anti join kept as given on given.customer_id = held.customer_id
                where {which}
                group by held.customer_id, label.cluster
            ),
            at_home as (
                select * from votes
                qualify row_number() over (partition by customer_id order by records desc, first_node) = 1
            )
            select cluster, customer_id from at_home
            qualify row_number() over (partition by cluster order by records desc, first_node, customer_id) = 1
        """)


def _mint_ids(con: duckdb.DuckDBPyConnection) -> None:
    """Give every other cluster an id of its own, made from its earliest record; another where that one was given before."""
    attempt = 1
    while True:
        con.execute(f"""
            create or replace temp table minted as
            select
                label.cluster,
                'cus_' || left(sha256(record.address{f" || '|{attempt}'" if attempt > 1 else ""}), 20) as customer_id
            from (select distinct cluster from label) as label
            anti join kept using (cluster)
            inner join record on label.cluster = record.node
        """)
        con.execute("""
            insert into kept
            select cluster, customer_id from minted
            anti join taken using (customer_id)
            anti join kept as given using (customer_id)
        """)
        if con.execute("select count(*) from minted anti join kept using (cluster)").fetchall() == [(0,)]:
            return
        attempt += 1


EMPTY = """
    cast(null as varchar) as vendor, cast(null as varchar) as system, cast(null as varchar) as object,
    cast(null as varchar) as source_ref, cast(null as varchar) as customer_id, cast(null as date) as valid_from,
    cast(null as date) as valid_to, cast(null as timestamp) as learned_at
"""


def remember(ledger: Path, identity_map: Path, publication_id: str, published_at: str) -> None:
    """Write what a publication says of every source record into the registry, in one rename.

    Records that it does not hold keep what was published of them before, and nothing is ever taken for new twice: what was
    known keeps its moment.
    """
    file = registry_file(ledger)
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_suffix(".new")
    before = parquet(file) if file.exists() else f"(select {EMPTY} where false)"
    with connect(spill=file.parent / ".spill") as con:
        if file.exists():
            _check(con, file)
        con.execute(f"""
            copy (
                with now as (
                    select vendor, system, object, source_ref, customer_id, valid_from, valid_to
                    from {parquet(identity_map)}
                ),
                before as (
                    select * from {before}
                )
                select
                    now.*,
                    coalesce(before.learned_at, cast({literal(published_at)} as timestamptz) at time zone 'UTC') as learned_at
                from now
                left join before
                    on now.vendor = before.vendor and now.system = before.system and now.object = before.object
                    and now.source_ref = before.source_ref and now.customer_id = before.customer_id
                    and now.valid_from is not distinct from before.valid_from
                union all
                select before.* from before
                anti join now using (vendor, system, object, source_ref)
                order by vendor, system, object, source_ref, valid_from nulls first
            ) to {literal(str(aside))} (
                format parquet, kv_metadata {{format: '{FORMAT}', publication_id: {literal(publication_id)}}}
            )
        """)
    with open(aside, "rb") as written:
        os.fsync(written.fileno())
    os.replace(aside, file)


def remembered(ledger: Path) -> str | None:
    """The publication that the registry was last written for, null where there is no registry."""
    file = registry_file(ledger)
    if not file.exists():
        return None
    with connect() as con:
        return _metadata(con, file).get("publication_id")


def _check(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Raises UserError where the registry is of another format, or a row of it cannot be read."""
    found = _metadata(con, file).get("format")
    if found not in (None, str(FORMAT)):
        raise UserError(
            f"{file} has format {found}, and this version of the project knows format {FORMAT} only: run the version "
            "that wrote it, or restore the file from a backup."
        )
    try:
        con.execute(f"select bit_xor(hash({COLUMNS})) from {parquet(file)}").fetchall()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise UserError(DAMAGED.format(file)) from error
    if found is None:
        raise UserError(DAMAGED.format(file))


def _metadata(con: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    try:
        rows = con.execute(
            f"select decode(key), decode(value) from parquet_kv_metadata({file_to_read(file)})"
        ).fetchall()
    except duckdb.Error as error:
        raise UserError(DAMAGED.format(file)) from error
    return dict(rows)
