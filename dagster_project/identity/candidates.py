"""Which pairs of records are worth comparing: those that share a block that is small enough to say something.

A block is a value that few records share: a name, a phone number, a street with its number. One that more than
BLOCK_LIMIT records share (a shared mailbox, a switchboard, a common name) pairs nobody, so pairs never grow faster
than records. Records that are one customer already need no comparison.
"""

from __future__ import annotations

import duckdb

BLOCK_LIMIT = 25  # records

# Each kind of block, and what makes it up; a record without one of the parts is in no such block.
BLOCKS = {
    "name": ["name"],
    "name_and_place": ["left(name, 4)", "postcode"],
    "leading_word_and_city": ["first_word", "city"],
    "last_word_and_city": ["last_word", "city"],
    "street": ["street", "coalesce(postcode, city)"],
    "phone": ["phone"],
    "switchboard": ["switchboard"],
    "mailbox": ["mailbox"],
    "mailbox_name_and_word": ["case when length(mailbox_name) >= 5 then mailbox_name end", "first_word"],
    "mailbox_name_and_last_word": ["case when length(mailbox_name) >= 5 then mailbox_name end", "last_word"],
}


def make_blocks(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables `block` (key: a hash, node), of blocks with two records to BLOCK_LIMIT, and `large_block` (key)."""
    parts = " union all ".join(
        f"select hash('{kind}', {', '.join(columns)}) as key, node from feature "
        f"where {' and '.join(f'{column} is not null' for column in columns)}"
        for kind, columns in BLOCKS.items()
    )
    con.execute(f"""
        create or replace temp table keyed_node as {parts};
        create or replace table block as
        select key, node
        from keyed_node
        inner join (
            select key from keyed_node group by key having count(*) between 2 and {BLOCK_LIMIT}
        ) as small using (key);
        create or replace temp table large_block as
        select key from keyed_node group by key having count(*) > {BLOCK_LIMIT};
        drop table keyed_node
    """)


def make_pairs(con: duckdb.DuckDBPyConnection) -> int:
    """Make the table `pair` (node, to_node), node < to_node, each once: records of one block that are not one customer yet,
    at least one of them fresh. Returns how many."""
    con.execute("""
        create or replace table pair as
        with members as (
            select block.key, block.node, base.cluster, base.is_fresh
            from block
            inner join base using (node)
        )
        select distinct own.node, other.node as to_node
        from members as own
        inner join members as other
            on own.key = other.key and own.node < other.node
        where own.cluster <> other.cluster and (own.is_fresh or other.is_fresh)
    """)
    return con.execute("select count(*) from pair").fetchall()[0][0]
