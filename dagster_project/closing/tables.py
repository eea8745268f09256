"""The two published tables that follow from the ledger and not from exports: `governance.period_close` and
`governance.restatements`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from dagster_project.closing.causes import CAUSES
from dagster_project.closing.ledger import Closings
from dagster_project.closing.measures import CUSTOMERS, MEASURES, VALUES
from dagster_project.sql import literal, parquet, quoted

PERIOD_CLOSE = "governance.period_close"
RESTATEMENTS = "governance.restatements"

KEY = {
    "period_kind": ("varchar", "`month`, `quarter` or `year`."),
    "period_start": ("date", "First day of the period."),
    "segment": ("varchar", "Segment held on the day; `all`: the whole company."),
    "value_basis": ("varchar", "`mrr`, `annualised` or `trailing_12m`, as in customer_assets.customer_math."),
}
AS_CLOSED = "as told when the period closed; defined in customer_assets.customer_math."
FLAGS = (
    "is_value_shrinking_while_count_grows", "is_rate_flattering", "is_revenue_masking_loss", "is_channel_flattering",
    "is_growth_only_won_back",
)  # fmt: skip
# Type and meaning of each column; the publication's stamp comes after.
COLUMNS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    PERIOD_CLOSE: {
        **KEY,
        "currency": ("varchar", "The reporting currency as the period closed."),
        **{measure: ("bigint", f"{measure}, {AS_CLOSED}") for measure in CUSTOMERS},
        **{measure: ("decimal(18, 4)", f"{measure}, {AS_CLOSED}") for measure in VALUES},
        **{
            rate: ("decimal(18, 6)", f"{rate}, {AS_CLOSED}")
            for rate in ("value_exchange_ratio", "replacement_share")
        },
        **{flag: ("boolean", f"{flag}, {AS_CLOSED}") for flag in FLAGS},
        "definition_version": ("integer", "Version of the definitions that held as the period closed."),
        "is_provisional": ("boolean", "Whether the period was not over for those who told of it."),
        "closed_on": ("date", "Day on which the period closed."),
        "known_on": ("date", "Last day of extraction whose exports count."),
        "software_version": ("varchar", "Version of the project that told of it."),
        "closed_by": ("bigint", "Publication that closed it: its publication_number in governance.publications."),
    },
    RESTATEMENTS: {
        **KEY,
        "measure": ("varchar", "A measure of customer_assets.customer_math that adds up; a count is a number with decimals here."),
        "reported": ("decimal(18, 4)", "The figure as governance.period_close has it; 0 of a segment nobody knew of."),
        "late": ("decimal(18, 4)", "Of what happened in the period and nobody had told of by the close."),
        "back_dated": ("decimal(18, 4)", "Of what happened before the period and nobody had told of by the close."),
        "corrected": ("decimal(18, 4)", "Of what was told by the close and is told differently now, or taken back."),
        "identity": ("decimal(18, 4)", "Of customers found to be one, or to be several, after the close."),
        "definitions": ("decimal(18, 4)", "Of reference tables changed after the close: definitions, rates, settings, rules."),
        "software": ("decimal(18, 4)", "Of the project itself, changed after the close."),
        "known_now": ("decimal(18, 4)", "The figure as customer_assets.customer_math has it."),
        "difference": ("decimal(18, 4)", "known_now - reported, which is the sum of the causes."),
        "customers": ("bigint", "Customers of whom something is told otherwise, by the end of the period; once for each "
                      "publication and cause that did so."),
    },
}  # fmt: skip
MEANINGS = {
    PERIOD_CLOSE: "One row per closed period, segment (and `all`) and value basis: customer math as it was told when the "
    "period closed, which never changes.",
    RESTATEMENTS: "One row per closed period, segment (and `all`), value basis and measure that is told otherwise since, with the "
    "difference by cause. Figures that moved and moved back have a row too.",
}


def write_tables(connection: duckdb.DuckDBPyConnection, closings: Closings, target: str, math: str) -> None:
    """Make both tables in the schema `target`; `math` is customer_math as it is published, whose SQL name it is."""
    for name, columns in COLUMNS.items():
        table = f"{target}.{quoted(name.split('.')[1])}"
        listed = ", ".join(f"{quoted(column)} {kind}" for column, (kind, _) in columns.items())
        connection.execute(f"create table {table} ({listed})")
        connection.execute(f"comment on table {table} is {literal(MEANINGS[name])}")
        for column, (_, meaning) in columns.items():
            connection.execute(f"comment on column {table}.{quoted(column)} is {literal(meaning)}")
    close, restated = (f"{target}.{quoted(name.split('.')[1])}" for name in COLUMNS)
    if closings.closes:
        until = f"where closed_on <= {literal(str(closings.until))}" if closings.until else ""
        connection.execute(
            f"insert into {close} by name select * from {parquet(*closings.closes)} {until} order by all"
        )
    if closings.restatements and not closings.until:
        connection.execute(f"insert into {restated} by name {_restated(closings.restatements, close, math)}")


def _restated(files: Sequence[Path], close: str, math: str) -> str:
    """What all publications told otherwise, beside what is told now. A quarter or year that customer math tells no more of, since
    the fiscal year begins in another month, is compared with nothing."""

    def figures(relation: str, name: str) -> str:
        measures = ", ".join(f"cast({measure} as decimal(18, 4)) as {measure}" for measure in MEASURES)
        return (
            f"select * from (unpivot (select {', '.join(KEY)}, {measures} from {relation}) "
            f"on {', '.join(MEASURES)} into name measure value {name})"
        )

    causes = ", ".join(
        f"cast(coalesce(sum(amount) filter (where cause = '{cause}'), 0) as decimal(18, 4)) as {cause}"
        for cause in CAUSES
    )
    return f"""
        with moved as (
            select {", ".join(KEY)}, measure, {causes}, cast(sum(customers) as bigint) as customers
            from {parquet(*files)}
            group by all
        )
        select
            moved.*, coalesce(reported, 0) as reported, coalesce(known_now, 0) as known_now,
            coalesce(known_now, 0) - coalesce(reported, 0) as difference
        from moved
        left join ({figures(close, "reported")}) as told using ({", ".join(KEY)}, measure)
        left join ({figures(math, "known_now")}) as known using ({", ".join(KEY)}, measure)
        where period_kind = 'month' or (period_kind, period_start) in (select (period_kind, period_start) from {math})
        order by all
    """
