"""What the identity step writes once it remembers ids: records that are one customer's until a day, then another's.

Stands in for its memory: the rows of the records that have stays are written over those that a first run would give.
"""

import os

import duckdb

from dagster_project.paths import Paths
from dagster_project.sql import literal
from tests.oracles.customer_math import Stay


def remember(paths: Paths, stays: tuple[Stay, ...]) -> None:
    """Give records their stays, in the file that the identity step has written.

    A record is `<system>/<customer_ref>` of a plain system. A customer is named by one of its records that has no stays
    itself, and is then that record's; any other name is the id.
    """
    if not stays:
        return
    cluster = paths.input("identity", "cluster")
    aside = cluster.with_suffix(".aside")
    with duckdb.connect() as con:
        con.execute("create table stay (record varchar, customer varchar, valid_from date)")
        con.executemany(
            "insert into stay values (?, ?, ?)", [(s.record, s.customer, s.from_day) for s in stays]
        )
        con.execute(f"""
            copy (
                with named as (
                    select *, system || '/' || source_ref as record
                    from read_parquet({literal(str(cluster))})
                    where vendor = 'plain' and object = 'customers'
                ),
                followed as (
                    select *, lead(valid_from) over (partition by record order by valid_from nulls first) as valid_to
                    from stay
                )
                select * from read_parquet({literal(str(cluster))})
                where vendor <> 'plain' or object <> 'customers'
                    or system || '/' || source_ref not in (select record from stay)
                union all
                select
                    named.vendor, named.system, named.object, named.source_ref,
                    coalesce(kept.customer_id, followed.customer) as customer_id,
                    named.match_rule, named.match_score, followed.valid_from, followed.valid_to,
                    named.subsidiary
                from named
                inner join followed using (record)
                left join named as kept
                    on followed.customer = kept.record and kept.record not in (select record from stay)
                order by all
            ) to {literal(str(aside))} (format parquet)
        """)
    os.replace(aside, cluster)
