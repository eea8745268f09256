"""The published tables: which they are, and how they get from the warehouse into a draft.

DuckDB copies them from file to file, so memory stays bounded whatever their size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.closing import Closings, write_tables
from dagster_project.closing.tables import COLUMNS as CLOSING_TABLES
from dagster_project.database import GIGABYTE, limit
from dagster_project.errors import UserError
from dagster_project.sql import literal, quoted

OPEN = (
    "core",
    "customer_assets",
    "alignment",
    "listening",
    "experience",
    "leadership",
    "value",
    "governance",
)
RESTRICTED = "restricted"

OPEN_FILE = "one_company.duckdb"
RESTRICTED_FILE = "restricted.duckdb"
STORAGE = "v1.0.0"  # what a DuckDB 1.x client can open
STAMP = "publication_id"
MEMORY = GIGABYTE

MOST_ROWS_OF_A_SPREADSHEET = 1_048_575  # below its header
BYTE_ORDER_MARK = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
READ_AS_FORMULA = r"^[=+@\t\r-]"

# The one published table that the publisher makes itself: type and meaning of each column. No clock
# values, so that any two runs over the same inputs agree.
PUBLICATIONS: Mapping[str, tuple[str, str]] = {
    "publication_number": ("bigint", "1 for the first publication, counting up."),
    "publication_id": ("varchar", "The publication: its as-of day and the beginning of its fingerprint."),
    "as_of_on": ("date", "The day its numbers are stated for."),
    "known_on": ("date", "Only batches extracted by this day were used; null: all there were."),
    "project_version": ("varchar", "The version of the project that made it."),
    "fingerprint": ("varchar", "A hash over everything its numbers follow from."),
    "batches": ("bigint", "How many accepted batches it was made from."),
}
PUBLICATIONS_TABLE = "governance.publications"
PUBLICATIONS_MEANING = "One row per publication made so far, the one that this table is part of included."


@dataclass(frozen=True)
class PublishedTable:
    """One table of a draft: 'schema.table', the DuckDB file it is in, its columns with types, rows and
    checksum."""

    name: str
    file: str
    columns: Mapping[str, str]
    rows: int
    checksum: str


def open_draft(warehouse: Path, draft: Path) -> duckdb.DuckDBPyConnection:
    """A connection with the warehouse (`warehouse`, read only) and the draft's two files (`open`,
    `restricted`)."""
    if not warehouse.exists():
        raise UserError(f"There is no {warehouse} to publish from: run `make run`, which builds it.")
    connection = duckdb.connect()
    limit(connection, draft / ".spill", MEMORY)
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach {literal(str(warehouse))} as warehouse (read_only)")
    for alias, file in (("open", OPEN_FILE), ("restricted", RESTRICTED_FILE)):
        connection.execute(
            f"attach {literal(str(draft / file))} as {quoted(alias)} (storage_version {literal(STORAGE)})"
        )
    (draft / RESTRICTED_FILE).chmod(0o600)
    return connection


def copy_tables(
    connection: duckdb.DuckDBPyConnection,
    publication_id: str,
    history: Sequence[Mapping[str, Any]],
    closings: Closings,
) -> list[PublishedTable]:
    """Copy every published table with its comments and the publication's stamp, and write those that follow from the ledger."""
    found = connection.execute(
        """
        select schema_name, table_name from duckdb_tables()
        where database_name = 'warehouse' and list_contains($schemas, schema_name)
        union all
        select schema_name, view_name from duckdb_views()
        where database_name = 'warehouse' and list_contains($schemas, schema_name)
        order by all
        """,
        {"schemas": [*OPEN, RESTRICTED]},
    ).fetchall()
    made = {tuple(name.split(".")) for name in (PUBLICATIONS_TABLE, *CLOSING_TABLES)}
    names = sorted({*made, *found})
    for schema, table in names:
        connection.execute(f"create schema if not exists {quoted(alias_of(schema))}.{quoted(schema)}")
        if (schema, table) not in made:
            copy_table(connection, schema, table, publication_id)
    write_publications(connection, history)
    write_tables(connection, closings, 'open."governance"', relation("customer_assets", "customer_math"))
    for name in CLOSING_TABLES:
        stamp(connection, relation(*name.split(".")), publication_id)
    return [measure(connection, schema, table) for schema, table in names]


def copy_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str, publication_id: str) -> None:
    """Copy one table in a fixed order. DuckDB leaves comments behind, so they are set again."""
    target = relation(schema, table)
    columns = columns_of(connection, "warehouse", schema, table)
    listed = ", ".join(quoted(column) for column in columns if column != STAMP)
    connection.execute(
        f"create table {target} as "
        f"select {listed}, {literal(publication_id)} as {STAMP} "
        f"from warehouse.{quoted(schema)}.{quoted(table)} order by all"
    )
    comments = connection.execute(
        """
        select null as column_name, comment from duckdb_tables()
        where database_name = 'warehouse' and schema_name = $schema and table_name = $table
        union all
        select null as column_name, comment from duckdb_views()
        where database_name = 'warehouse' and schema_name = $schema and view_name = $table
        union all
        select column_name, comment from duckdb_columns()
        where database_name = 'warehouse' and schema_name = $schema and table_name = $table
        """,
        {"schema": schema, "table": table},
    ).fetchall()
    for column, comment in comments:
        if comment is not None and column != STAMP:
            set_comment(connection, target, column, comment)
    set_comment(connection, target, STAMP, PUBLICATIONS[STAMP][1])


def stamp(connection: duckdb.DuckDBPyConnection, target: str, publication_id: str) -> None:
    """Add the publication's stamp to a table that was made here."""
    connection.execute(f"alter table {target} add column {STAMP} varchar default {literal(publication_id)}")
    set_comment(connection, target, STAMP, PUBLICATIONS[STAMP][1])


def write_publications(connection: duckdb.DuckDBPyConnection, history: Sequence[Mapping[str, Any]]) -> None:
    """Write `governance.publications` from the publications made so far, oldest first."""
    target = relation(*PUBLICATIONS_TABLE.split("."))
    columns = ", ".join(f"{quoted(name)} {kind}" for name, (kind, _) in PUBLICATIONS.items())
    connection.execute(f"create table {target} ({columns})")
    for number, entry in enumerate(history, start=1):
        values = {**entry, "publication_number": number}
        connection.execute(
            f"insert into {target} values ({', '.join('?' for _ in PUBLICATIONS)})",
            [values[name] for name in PUBLICATIONS],
        )
    set_comment(connection, target, None, PUBLICATIONS_MEANING)
    for name, (_, meaning) in PUBLICATIONS.items():
        set_comment(connection, target, name, meaning)


def set_comment(connection: duckdb.DuckDBPyConnection, target: str, column: str | None, comment: str) -> None:
    what = f"table {target}" if column is None else f"column {target}.{quoted(column)}"
    connection.execute(f"comment on {what} is {literal(comment)}")


def measure(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> PublishedTable:
    """Count a draft's table and take its checksum.

    The checksum is the sum of a hash of each row's text, so the order of rows does not matter, and the
    stamp is left out: equal content has an equal checksum in any publication.
    """
    columns = columns_of(connection, alias_of(schema), schema, table)
    name = f"{schema}.{table}"
    texts = ", ".join(
        f"coalesce(cast({quoted(column)} as varchar), chr(30))"
        for column in columns
        if column != STAMP or name == PUBLICATIONS_TABLE
    )
    rows, total = connection.execute(
        f"select count(*), sum(md5_number_lower(concat_ws(chr(31), {texts}))) from {relation(schema, table)}"
    ).fetchone()
    file = RESTRICTED_FILE if schema == RESTRICTED else OPEN_FILE
    return PublishedTable(name, file, columns, rows, f"{int(total or 0) % 2**64:016x}")


def write_files(
    connection: duckdb.DuckDBPyConnection, draft: Path, tables: Sequence[PublishedTable]
) -> dict[str, Path]:
    """Write each open table as Parquet and, where a spreadsheet can hold it, as CSV.

    Returns the Parquet file of each table. Nothing restricted leaves its DuckDB file.
    """
    files = {}
    for table in tables:
        if table.file == RESTRICTED_FILE:
            continue
        schema, name = table.name.split(".")
        files[table.name] = draft / "parquet" / schema / f"{name}.parquet"
        files[table.name].parent.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"copy {relation(schema, name)} to {literal(str(files[table.name]))} "
            "(format parquet, compression zstd)"
        )
        if table.rows <= MOST_ROWS_OF_A_SPREADSHEET:
            file = draft / "csv" / schema / f"{name}.csv"
            file.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"copy (select {cells(table)} from {relation(schema, name)}) to {literal(str(file))} "
                "(format csv, header)"
            )
    return files


def cells(table: PublishedTable) -> str:
    """The columns of a CSV file for a spreadsheet.

    A text that it would take for a formula gets an apostrophe in front; the first header carries the
    file's byte order mark.
    """
    selected = []
    for number, (column, kind) in enumerate(table.columns.items()):
        value = quoted(column)
        if kind == "VARCHAR":
            is_formula = f"regexp_matches({value}, {literal(READ_AS_FORMULA)})"
            value = f"case when {is_formula} then '''' || {value} else {value} end"
        header = column if number else BYTE_ORDER_MARK + column
        selected.append(f"{value} as {quoted(header)}")
    return ", ".join(selected)


def columns_of(
    connection: duckdb.DuckDBPyConnection, database: str, schema: str, table: str
) -> dict[str, str]:
    """A table's columns with their types, in order."""
    found = dict(
        connection.execute(
            """
            select column_name, data_type from duckdb_columns()
            where database_name = ? and schema_name = ? and table_name = ?
            order by column_index
            """,
            [database, schema, table],
        ).fetchall()
    )
    if huge := [column for column, kind in found.items() if "HUGEINT" in kind]:
        raise TypeError(
            f"{schema}.{table}.{huge[0]} is a HUGEINT, which Parquet would round: cast it in its model."
        )
    return found


def alias_of(schema: str) -> str:
    return "restricted" if schema == RESTRICTED else "open"


def relation(schema: str, table: str) -> str:
    """A draft's table, as SQL."""
    return ".".join(quoted(part) for part in (alias_of(schema), schema, table))
