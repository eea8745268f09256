"""Great Expectations over DuckDB: a way to say what must hold, to check it, and to keep its Data Docs.

What must hold is a list of `Check`s per table. Results carry counts, never values, so their Data Docs can be
shown to anyone. Great Expectations takes seconds to import, so that happens on first use.

    validate({"stripe.invoices": batch}, {"stripe.invoices": [never_empty("id"), unique("id")]}, docs=folder)
"""

import html
import logging
import os
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from duckdb_engine import Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

from dagster_project.database import OUT_OF_MEMORY, NotEnoughMemory, connect, options
from dagster_project.sql import literal, parquet, quoted

# Counts only: neither the results nor the pages made from them hold a failing value.
COUNTS_ONLY = {"result_format": "SUMMARY", "partial_unexpected_count": 0}


class BufferingContext(Dialect.execution_ctx_cls):
    """Reads each result to its end at once: DuckDB drops it when the connection runs its next query."""

    def post_exec(self) -> None:
        super().post_exec()
        if self.cursor.description:
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                self.cursor, self.cursor.description, self.cursor.fetchall()
            )


class BufferedDuckDB(Dialect):
    """The DuckDB dialect as Great Expectations needs it: several results open at a time."""

    supports_statement_cache = Dialect.supports_statement_cache
    execution_ctx_cls = BufferingContext


registry.register("buffered_duckdb", __name__, "BufferedDuckDB")


@dataclass(frozen=True)
class Check:
    """One thing that must hold of a table.

    `rows` is the query of the rows it objects to, with `{table}` for the table; a person runs it to see them.
    `expectation` is the Great Expectations class that checks it, made with `arguments`.
    """

    name: str
    rows: str
    expectation: str = "UnexpectedRowsExpectation"
    arguments: Mapping[str, Any] = field(default_factory=dict)


def never_empty(column: str) -> Check:
    """A value in every row."""
    return Check(
        f"{column} is never empty",
        f"select * from {{table}} where {quoted(column)} is null",
        "ExpectColumnValuesToNotBeNull",
        {"column": column},
    )


def one_of(column: str, values: Sequence[str]) -> Check:
    """One of a few values, or empty."""
    listed = ", ".join(literal(value) for value in values)
    return Check(
        f"{column} is one of {', '.join(values)}",
        f"select * from {{table}} where {quoted(column)} not in ({listed})",
        "ExpectColumnValuesToBeInSet",
        {"column": column, "value_set": list(values)},
    )


def unique(*columns: str) -> Check:
    """No two rows with the same values of these columns; counts the keys that are there more than once."""
    key = ", ".join(quoted(column) for column in columns)
    return Check(
        f"{', '.join(columns)} {'is' if len(columns) == 1 else 'are'} unique",
        f"select {key}, count(*) as times from {{table}} group by {key} having count(*) > 1",
    )


def has_rows(minimum: int = 1) -> Check:
    """At least so many rows."""
    return Check(
        f"has at least {minimum} row{'s' * (minimum != 1)}",
        "select count(*) as row_count from {table}",
        "ExpectTableRowCountToBeBetween",
        {"min_value": minimum},
    )


def no_rows(name: str, rows: str) -> Check:
    """No row comes out of a query over `{table}`, which may join other tables of the same file."""
    return Check(name, rows)


INDEX = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Audit</title>
<style>
body { font: 16px/1.5 sans-serif; margin: 3rem auto; max-width: 44rem }
table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 1px solid #ccc; padding: .3rem .6rem; text-align: left }
</style></head><body>
<h1>Audit of this publication</h1>
<p>What Great Expectations found of each table before readers got it. The pages tell counts, never values.</p>
<table><tr><th>Table</th><th>Checks passed</th></tr>
{rows}
</table></body></html>
"""


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check: whether it holds, of how many rows not, and the query that shows them.

    `observed` is what was measured (a row count), null for checks of single rows. `error` is set where the
    check itself could not run: then nothing is known about the rows, and `passed` is false.
    """

    name: str
    table: str
    passed: bool
    unexpected_count: int | None
    observed: int | None
    query: str
    error: str | None


def validate(
    files: Mapping[str, Path | str], checks: Mapping[str, Sequence[Check]], docs: Path | None = None
) -> list[CheckResult]:
    """Check tables kept as Parquet, through views: nothing is copied. Write the Data Docs of it to `docs`.

    `files` names each table ('core.customer', 'stripe.invoices') and its file, or the glob of its files;
    `checks` has the checks of those to be checked. A check's query may join any of the tables by name.
    Returns a result per check, in the order given; one that cannot run is a failed result with its `error`.
    Raises NotEnoughMemory.
    """
    gx = great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    with (
        # an address holds this path, which may not have every sign that the pages' folder may
        tempfile.TemporaryDirectory(prefix="one-company-checks-") as folder,
        # what DuckDB spills may be large, and belongs where the pages go
        tempfile.TemporaryDirectory(prefix=".checks-", dir=docs and docs.parent) as spill,
    ):
        views = Path(folder) / "views.duckdb"
        create_views(views, files)
        source = context.data_sources.add_sql(
            "one_company",
            connection_string=f"buffered_duckdb:///{views}",
            kwargs={"connect_args": {"read_only": True, "config": options(Path(spill))}},
        )
        try:
            results = [
                result
                for table, table_checks in checks.items()
                for result in validate_table(gx, context, source, table, table_checks)
            ]
        finally:
            source.get_engine().dispose()
    if any(OUT_OF_MEMORY in (result.error or "") for result in results):
        raise NotEnoughMemory
    if docs is not None:
        build_data_docs(context, docs)
        write_index(docs, results)
    return results


def create_views(database: Path, files: Mapping[str, Path | str]) -> None:
    """A small DuckDB file with two views per table: by its own name, for queries, and by one flat name with
    the dot in it, because Great Expectations forgets the schema where it looks up columns."""
    with connect(database) as connection:
        for name, file in files.items():
            schema, _, table = name.rpartition(".")
            qualified = ".".join(quoted(part) for part in (schema, table) if part)
            if schema:
                connection.execute(f"create schema if not exists {quoted(schema)}")
            connection.execute(f"create view {qualified} as select * from {parquet(file)}")
            if schema:
                connection.execute(f"create view {quoted(name)} as select * from {qualified}")


def validate_table(
    gx: Any, context: Any, source: Any, table: str, checks: Sequence[Check]
) -> list[CheckResult]:
    """Check one table within a Great Expectations context."""
    suite = context.suites.add(gx.ExpectationSuite(name=table, expectations=expectations(gx, checks)))
    data = source.add_table_asset(table, table_name=table).add_batch_definition_whole_table("whole table")
    definition = gx.ValidationDefinition(name=table, data=data, suite=suite)
    outcome = context.validation_definitions.add(definition).run(result_format=COUNTS_ONLY)
    of_check = {result.expectation_config.meta["check"]: result for result in outcome.results}
    return [check_result(table, check, of_check[number]) for number, check in enumerate(checks)]


def expectations(gx: Any, checks: Sequence[Check]) -> list[Any]:
    """The Great Expectations objects of some checks; `meta` says which check each belongs to."""
    made = []
    for number, check in enumerate(checks):
        arguments = dict(check.arguments)
        if check.expectation == "UnexpectedRowsExpectation":
            arguments["unexpected_rows_query"] = counted(check.rows)
        kind = getattr(gx.expectations, check.expectation)
        made.append(kind(**arguments, description=check.name, meta={"check": number}))
    return made


def counted(rows: str) -> str:
    """A check's query as Great Expectations wants it: the table is `{batch}`, given a name because it
    puts a query there, and other braces are doubled. Only how many rows there are matters, so no more is
    carried into Python.
    """
    escaped = rows.replace("{table}", "checked_table").replace("{", "{{").replace("}", "}}")
    return f"with checked_table as (select * from {{batch}}) select 1 as failing from ({escaped}) as failing"


def check_result(table: str, check: Check, outcome: Any) -> CheckResult:
    """Great Expectations' result as ours. An exception inside it is a failed result without any numbers."""
    errors = sorted(
        {
            str(info["exception_message"])
            for info in (outcome.exception_info or {}).values()
            if isinstance(info, dict) and info.get("raised_exception")
        }
    )
    if (outcome.exception_info or {}).get("raised_exception"):
        errors.append(str(outcome.exception_info["exception_message"]))
    measured = outcome.result or {}
    observed = measured.get("observed_value")
    is_count_of_rows = check.expectation == "UnexpectedRowsExpectation"
    unexpected = observed if is_count_of_rows else measured.get("unexpected_count")
    return CheckResult(
        name=check.name,
        table=table,
        passed=bool(outcome.success),
        unexpected_count=None if unexpected is None else int(unexpected),
        observed=None if observed is None or is_count_of_rows else int(observed),
        query=check.rows.replace("{table}", table),
        error="; ".join(errors) or None,
    )


def build_data_docs(context: Any, folder: Path) -> None:
    """Write a context's Data Docs, a page per table."""
    context.add_data_docs_site(
        "docs",
        {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
        },
    )
    context.build_data_docs(site_names=["docs"])


def write_index(folder: Path, results: Sequence[CheckResult]) -> None:
    """An index that needs no network: the library's own fetches its table's script from outside."""
    rows = []
    for table in dict.fromkeys(result.table for result in results):
        passed = [result.passed for result in results if result.table == table]
        page = next((folder / "validations").glob(f"{table.replace('.', '/')}/**/*.html"))
        rows.append(
            f'<tr><td><a href="{page.relative_to(folder).as_posix()}">{html.escape(table)}</a></td>'
            f"<td>{sum(passed)} of {len(passed)}</td></tr>"
        )
    (folder / "index.html").write_text(INDEX.replace("{rows}", "\n".join(rows)), encoding="utf-8")


def great_expectations() -> Any:
    """The library, imported on first use, without its usage statistics and its chatter."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return gx
