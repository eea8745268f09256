"""Recognised revenue against what was billed: equal where months are whole, and elsewhere different by what is decided."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.paths import PROJECT
from dagster_project.settings import Asked
from tests.company import build
from tests.oracles.customer_math import months_later
from tests.oracles.random_company import draw_all, st

AS_OF = date(2025, 12, 31)
FIRST = date(2023, 1, 1)

whole_months = st.lists(
    st.tuples(
        st.integers(0, 30),  # the month of its start
        st.integers(1, 30),  # months that it lasts
        st.integers(1, 900_000).map(lambda cents: Decimal(cents) / 100),
        st.sampled_from(["month", "month", "quarter"]),
    ),
    min_size=1,
    max_size=4,
)

STATED = {  # customer: (starts, ends, amount, interval), billed, earned
    "proration": (("2025-01-16", "2025-04-16", "100.00", "month"), "300.00", "301.61"),
    "a_year": (("2024-05-01", "2025-05-01", "1000.00", "year"), "1000.00", "999.96"),
    "days": (("2025-02-01", "2025-02-15", "1.00", "day"), "14.00", "15.21"),
    "unfinished": (("2025-12-01", "", "1200.00", "year"), "1200.00", "100.00"),
}


def write(path: Path, header: str, rows: list[tuple]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([header.split(","), *rows])


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Customers w<n> that pay for whole months in advance, those of STATED, and one that renews late, within grace."""
    folder = tmp_path_factory.mktemp("billed_in_advance")
    rows = []
    for number, contracts in enumerate(draw_all(whole_months, 200)):
        for line, (start, months, amount, interval) in enumerate(contracts):
            starts_on = months_later(FIRST, start)
            lasts = months * (3 if interval == "quarter" else 1)
            ends_on = months_later(starts_on, lasts)
            if ends_on <= AS_OF:
                price = amount * 3 if interval == "quarter" else amount
                rows.append((f"w{number}-{line}", f"w{number}", starts_on, ends_on, price, "USD", interval))
    for customer, ((starts_on, ends_on, amount, interval), _, _) in STATED.items():
        rows.append((customer, customer, starts_on, ends_on, amount, "USD", interval))
    rows += [
        ("late", "late", "2025-01-01", "2025-03-01", "31.00", "USD", "month"),
        ("late", "late", "2025-03-08", "2025-04-08", "31.00", "USD", "month"),
    ]
    header = "subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval"
    write(folder / "exports/plain/subscriptions.csv", header, rows)
    customers = [(name, "person", "") for name in sorted({row[1] for row in rows})]
    write(
        folder / "exports/plain/customers.csv",
        "customer_ref,kind,created_at",
        [*customers, ("prospect", "person", f"{AS_OF}T08:00:00Z")],
    )
    write(folder / "reference/settings.csv", "setting,value", [("grace_days", 10)])
    return build(folder / "exports", folder / "reference", folder / "home", rooms=["core", "customer_assets"])


@pytest.fixture(scope="module")
def amounts(warehouse: duckdb.DuckDBPyConnection) -> dict[str, tuple[Decimal, Decimal]]:
    """What each customer was billed and what it earned, by its reference."""
    rows = warehouse.sql("""
        select source_ref, billed, earned
        from (select customer_id, sum(value) as billed from waist.trailing_amount group by customer_id)
        inner join (
            select customer_id, sum(value * date_diff('month', month_from, month_to)) as earned
            from waist.recognised_revenue group by customer_id
        ) using (customer_id)
        inner join core.identity_map using (customer_id)
    """).fetchall()
    return {name: (billed, earned) for name, billed, earned in rows}


def test_whole_months_billed_in_advance_earn_what_was_billed(
    amounts: dict[str, tuple[Decimal, Decimal]],
) -> None:
    whole = {name: pair for name, pair in amounts.items() if name.startswith("w")}
    assert len(whole) > 100
    assert not {name: pair for name, pair in whole.items() if pair[0] != pair[1]}


@pytest.mark.parametrize("customer", STATED)
def test_elsewhere_they_differ_by_what_is_decided(
    customer: str, amounts: dict[str, tuple[Decimal, Decimal]]
) -> None:
    _, billed, earned = STATED[customer]
    assert amounts[customer] == (Decimal(billed), Decimal(earned))


def test_days_that_only_grace_bridges_earn_nothing(amounts: dict[str, tuple[Decimal, Decimal]]) -> None:
    """January and February whole, 24 days of March's 31, 7 of April's 30."""
    assert amounts["late"] == (Decimal("93.00"), Decimal("31") * 2 + 24 + Decimal("7.23"))
    assert Decimal("7.23") == round(Decimal(31) * 7 / 30, 2)


def test_runs_of_whole_months_are_one_row(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Rows grow with spans, not with the months that they last."""
    ((rows, spans),) = warehouse.sql("""
        select (select count(*) from waist.recognised_revenue), (select count(*) from waist.paying_span)
    """).fetchall()
    assert rows <= 3 * spans
    longest = "select max(date_diff('month', month_from, month_to)) from waist.recognised_revenue"
    assert warehouse.sql(longest).fetchall()[0][0] > 20


def test_nothing_counts_that_comes_after_the_day_asked_for(tmp_path: Path) -> None:
    """Of February Ana's and Bo's first ten days, and Bo's case of the fifth; Ana's of the twelfth has not come."""
    story = PROJECT / "tests/scenarios/what_groups_cost"
    asked = Asked(as_of_on=date(2025, 2, 10))
    warehouse = build(story / "exports", story / "reference", tmp_path, asked, rooms=["customer_assets"])
    found = warehouse.sql("""
        select segment, revenue, tickets from customer_assets.group_profit
        where period_kind = 'month' and period_start = date '2025-02-01' order by segment
    """).fetchall()
    assert found == [
        ("all", Decimal("107.14"), 1),
        ("large", Decimal("71.43"), 1),
        ("small", Decimal("35.71"), 0),
    ]
    growth = "select segment, last_year_customers, this_year_revenue from customer_assets.earned_growth order by segment"
    assert warehouse.sql(growth).fetchall() == [
        ("all", 0, Decimal("300.00")), ("large", 0, Decimal("200.00")), ("small", 0, Decimal("100.00")),
    ]  # fmt: skip
