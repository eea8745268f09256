"""What the ledger and customer math cost, beside a window pass and a month spine over the same spans.

All of them read the warehouse that `building.straight` left, and write into an empty one beside it. The ledger's SQL is
the models' own, as dbt compiled it: every model between `paying_span` and `customer_math`.
"""

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from graphlib import TopologicalSorter
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import duckdb

from bench.building import compiled, create, straight_warehouse
from dagster_project.paths import Paths
from dagster_project.sql import literal

SPANS, MATH = "model.one_company.paying_span", "model.one_company.customer_math"
SPANS_VALUED = "model.one_company.span_value"
# What only the other value bases and buyers without a contract need; `mrr` by month is the same without it.
NOT_OF_MRR = ("customer_amount", "instalment", "trailing_amount", "purchase_window")

# A month's customers and value at its end, of the whole company and of each segment.
MONTH_ENDS = """
    select cast(period_start as varchar), segment, closing_customers, cast(closing_value as varchar)
    from customer_assets.customer_math
    where period_kind = 'month' and value_basis = 'mrr' and (closing_customers <> 0 or closing_value <> 0)
    order by all
"""

# The spine gets its spans with their value in the reporting currency, cut where a rate changes.
SPANS_AT_RATES = """
    create table spans as
    select
        customer_id, rate_from as valid_from, mrr_value,
        least(coalesce(valid_to, date '9999-12-31'), coalesce(rate_to, date '9999-12-31')) as valid_to
    from waist.span_value
"""

SPINE = """
    create table spine as
    with months as (
        select period_start as month_start, least(next_period_start - 1, company.as_of_on) as month_end
        from waist.calendar cross join waist.company
        where period_kind = 'month'
    ),
    customers as (select distinct customer_id from spans),
    by_month as (
        select
            customers.customer_id, months.month_start, months.month_end,
            coalesce(sum(spans.mrr_value), 0) as value
        from customers
        cross join months
        left join spans
            on customers.customer_id = spans.customer_id
            and spans.valid_from <= months.month_end and spans.valid_to > months.month_end
        group by all
    ),
    compared as (
        select *, lag(value, 1, 0) over (partition by customer_id order by month_start) as earlier_value
        from by_month
    )
    select
        compared.*,
        coalesce(held.segment, 'unsegmented') as segment,
        case
            when earlier_value = 0 and value > 0 then 'new'
            when earlier_value > 0 and value = 0 then 'lost'
            when value > earlier_value then 'expansion'
            when value < earlier_value then 'contraction'
        end as movement
    from compared
    left join waist.customer_segment as held
        on compared.customer_id = held.customer_id
        and (held.valid_from is null or held.valid_from <= compared.month_end)
        and (held.valid_to is null or compared.month_end < held.valid_to)
"""

SPINE_MONTH_ENDS = """
    select
        cast(month_start as varchar), case when grouping(segment) = 1 then 'all' else segment end as segment,
        count(*), cast(cast(sum(value) as decimal(18, 4)) as varchar)
    from spine
    where value <> 0
    group by grouping sets ((month_start, segment), (month_start))
    order by all
"""


def window_pass(paths: Paths) -> dict[str, Any]:
    """One pass of DuckDB over the spans."""
    with empty_warehouse(paths) as warehouse:
        borrow(warehouse, ["paying_span"])
        return {
            "seconds": seconds_of(
                warehouse,
                "create table window_pass as select *, sum(monthly_amount) "
                "over (partition by customer_id order by valid_from) as running from waist.paying_span",
            ),
            "spans": warehouse.execute("select count(*) from waist.paying_span").fetchall()[0][0],
        }


def month_spine(paths: Paths) -> dict[str, Any]:
    """Every customer in every month: its value at the month's end, compared with the month before."""
    nodes, queries = compiled(paths)
    with empty_warehouse(paths) as warehouse:
        borrow(warehouse, ["paying_span", "price_value", "calendar", "company", "customer_segment"])
        create(warehouse, nodes[SPANS_VALUED], queries[SPANS_VALUED])
        warehouse.execute(SPANS_AT_RATES)
        seconds = seconds_of(warehouse, SPINE)
        rows = warehouse.execute("select count(*) from spine").fetchall()[0][0]
        return {
            "seconds": seconds,
            "rows": rows,
            "month_ends": warehouse.execute(SPINE_MONTH_ENDS).fetchall(),
        }


def mrr_ledger(paths: Paths) -> dict[str, Any]:
    """The ledger and customer math where there is nothing but spans: `mrr` by month."""
    return ledger(paths, NOT_OF_MRR)


def whole_ledger(paths: Paths) -> dict[str, Any]:
    """The same with all that the company was billed and sold: all value bases."""
    return ledger(paths, ())


def ledger(paths: Paths, withheld: tuple[str, ...]) -> dict[str, Any]:
    """Every model from the spans to customer math, where the tables `withheld` are empty."""
    nodes, _ = compiled(paths)
    chosen = between(nodes, SPANS, MATH) - {SPANS}
    with rebuilt(paths, chosen, dict.fromkeys(withheld, "false")) as (warehouse, took):
        return {
            "seconds": sum(took.values()),
            "nodes": took,
            "month_ends": warehouse.execute(MONTH_ENDS).fetchall(),
        }


@contextmanager
def rebuilt(
    paths: Paths, chosen: Collection[str], only: Mapping[str, str]
) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, float]]]:
    """A warehouse with some models made anew, and the seconds that each took. All else they read is there already;
    of the tables `only`, not made anew, the rows that meet a condition."""
    nodes, queries = compiled(paths)
    made = {unique_id for unique_id in chosen if nodes[unique_id]["name"] not in only}
    graph = {unique_id: made & set(nodes[unique_id]["depends_on"]["nodes"]) for unique_id in made}
    took = {}
    with empty_warehouse(paths) as warehouse:
        names = {nodes[unique_id]["name"] for unique_id in made}
        there = [
            row[0]
            for row in warehouse.execute("""
                select table_name from duckdb_tables() where database_name = 'given' and schema_name = 'waist'
                union all
                select view_name from duckdb_views() where database_name = 'given' and schema_name = 'waist'
            """).fetchall()
        ]
        borrow(warehouse, [table for table in there if table not in names], only)
        for unique_id in TopologicalSorter(graph).static_order():
            began = time.monotonic()
            create(warehouse, nodes[unique_id], queries[unique_id])
            took[nodes[unique_id]["name"]] = time.monotonic() - began
        yield warehouse, took


def between(nodes: Mapping[str, Any], start: str, end: str) -> set[str]:
    """The models that follow from one and lead to another, both included."""
    parents = {unique_id: set(node["depends_on"]["nodes"]) for unique_id, node in nodes.items()}
    return following(nodes, start) & reached(end, parents)


def following(nodes: Mapping[str, Any], start: str) -> set[str]:
    """A model and all nodes that follow from it, tests too."""
    children: dict[str, set[str]] = {}
    for unique_id, node in nodes.items():
        for parent in node["depends_on"]["nodes"]:
            children.setdefault(parent, set()).add(unique_id)
    return reached(start, children)


def reached(start: str, edges: dict[str, set[str]]) -> set[str]:
    found, waiting = set(), [start]
    while waiting:
        if (at := waiting.pop()) not in found:
            found.add(at)
            waiting.extend(edges.get(at, ()))
    return found


@contextmanager
def empty_warehouse(paths: Paths) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database of the warehouse's name, the filled one attached as `given`."""
    with TemporaryDirectory(dir=paths.home) as folder:
        with duckdb.connect(f"{folder}/{paths.warehouse.name}") as warehouse:
            warehouse.execute("set TimeZone = 'UTC'; create schema waist")
            warehouse.execute(f"attach {literal(str(straight_warehouse(paths)))} as given (read_only)")
            yield warehouse


def borrow(
    warehouse: duckdb.DuckDBPyConnection, tables: list[str], only: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Views of the filled warehouse's tables and views; of those in `only`, the rows that meet a condition."""
    for table in tables:
        condition = only.get(table, "true")
        warehouse.execute(f"create view waist.{table} as select * from given.waist.{table} where {condition}")


def seconds_of(warehouse: duckdb.DuckDBPyConnection, statement: str) -> float:
    began = time.monotonic()
    warehouse.execute(statement)
    return time.monotonic() - began
