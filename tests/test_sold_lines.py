"""What a company is worth that only its sales systems tell of: each renewal follows what it renews, and never counts beside it."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.company import build
from tests.test_who_counts import write

ACCOUNTS = "Id,Name,IsDeleted,CreatedDate\n"
SALES = "Id,AccountId,Name,StageName,Amount,CloseDate,Type,IsClosed,IsWon,Contract_End_Date__c,CreatedDate\n"
# account: its sales, each amount, day closed, type, end of the contract
SOLD = {
    "early": [("1200", "2024-03-15", "New Business", "2025-03-15"), ("1500", "2025-02-10", "Renewal", "2026-03-15")],
    "no end told": [
        ("1200", "2023-03-15", "New Business", ""), ("1200", "2024-02-10", "Contract Renewal", ""),
        ("2400", "2025-02-01", "renewal", ""),
    ],
    "late": [("1200", "2024-01-15", "", "2025-01-15"), ("1200", "2025-01-25", "Renewal", "2026-01-15")],
    "more of it": [("1200", "2024-03-15", "", "2025-06-15"), ("600", "2025-02-10", "Existing Business", "2025-06-15")],
    "two": [
        ("1200", "2024-03-15", "", "2025-08-15"), ("600", "2024-04-15", "", "2025-04-15"), ("720", "2025-02-20", "Renewal", "2026-04-15"),
    ],
    "no longer than before": [("1200", "2024-03-15", "", "2025-06-15"), ("2400", "2025-02-10", "Renewal", "2025-06-15")],
    "another's": [("1200", "2025-02-05", "Renewal", "2026-02-05")],
    "in a row": [
        ("1200", "2023-01-15", "", "2024-01-15"), ("1800", "2023-12-20", "Renewal", "2025-01-15"),
        ("2400", "2024-12-20", "Renewal", "2026-01-15"),
    ],
}  # fmt: skip
RISES_AND_FALLS = [
    ("another's", "2025-02-05", "new", "100"),
    ("early", "2024-03-15", "new", "100"),
    ("early", "2025-03-15", "expansion", "25"),
    ("in a row", "2023-01-15", "new", "100"),
    ("in a row", "2024-01-15", "expansion", "50"),
    ("in a row", "2025-01-15", "expansion", "50"),
    ("late", "2024-01-15", "new", "100"),
    ("late", "2025-01-15", "lost", "100"),
    ("late", "2025-01-25", "won_back", "100"),
    ("more of it", "2024-03-15", "new", "100"),
    ("more of it", "2025-02-10", "expansion", "50"),
    ("no end told", "2023-03-15", "new", "100"),
    ("no end told", "2025-02-10", "expansion", "100"),
    ("no longer than before", "2024-03-15", "new", "100"),
    ("no longer than before", "2025-02-10", "expansion", "200"),
    ("two", "2024-03-15", "new", "100"),
    ("two", "2024-04-15", "expansion", "50"),
    ("two", "2025-04-15", "expansion", "10"),
]
DEALS = """Record ID,Deal Name,Deal Stage,Amount,Close Date,Deal Type,Contract End Date,Associated Company IDs,Create Date
1,Bolt,Closed Won (Sales Pipeline),1200,2024-03-15 03:30,newbusiness,,70,2024-03-01 10:00
2,Bolt again,Closed Won (Sales Pipeline),1800,2025-02-20 10:00,renewal,,70,2025-01-05 10:00
"""

# the day up to which history is told is the last on which something happened
LATER = {"plain/customers_2025-07-01.csv": "customer_ref,name,created_at\nx,X,2025-06-01\n"}


def exports() -> dict[str, str]:
    accounts, sales = ACCOUNTS, SALES
    for number, (name, sold) in enumerate(SOLD.items()):
        accounts += f"001{number:012},{name},false,2023-01-01T00:00:00Z\n"
        for nth, (amount, closed, kind, ends) in enumerate(sold):
            sales += f"006{number:010}{nth:02},001{number:012},a,Closed Won,{amount},{closed},{kind},true,true,{ends},{closed}T09:00:00Z\n"
    return {"salesforce/accounts_2025-07-01.csv": accounts, "salesforce/opportunities_2025-07-01.csv": sales}


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("sold")
    write(folder / "exports", exports() | LATER)
    write(folder / "reference", {"settings.csv": "setting,value\nreporting_currency,EUR\n"})
    with build(
        folder / "exports", folder / "reference", folder / "home", rooms=["core", "customer_assets"]
    ) as warehouse:
        yield warehouse


def test_a_renewal_follows_what_it_renews(sold: duckdb.DuckDBPyConnection) -> None:
    told = sold.execute(
        """
        select accounts.source_ref, moves.moved_on, moves.movement, moves.mrr_value
        from customer_assets.value_movement as moves
        inner join core.identity_map as accounts using (customer_id)
        where accounts.object = 'accounts' and moves.mrr_value <> 0
        """
    ).fetchall()
    names = list(SOLD)
    assert sorted((names[int(ref[3:15])], *move) for ref, *move in told) == [
        (name, date.fromisoformat(day), movement, Decimal(value))
        for name, day, movement, value in RISES_AND_FALLS
    ]


def test_every_day_is_worth_what_was_sold_for_it(sold: duckdb.DuckDBPyConnection) -> None:
    """Day by day: what a renewal adds begins where the earliest end among the account's earlier sales is passed."""
    published = dict(
        sold.execute(
            """
            select period_start, closing_value from customer_assets.customer_math
            where period_kind = 'month' and segment = 'all' and value_basis = 'mrr'
            """
        ).fetchall()
    )
    assert len(published) == 30
    for month, value in published.items():
        last = min(
            (month.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1), date(2025, 6, 1)
        )
        assert value == sum(worth(sales, last) for sales in SOLD.values()), month


def worth(sales: list[tuple[str, str, str, str]], day: date) -> Decimal:
    total = Decimal(0)
    spans = [(Decimal(a) / 12, date.fromisoformat(c), "enewal" in k, ended(c, e)) for a, c, k, e in sales]
    for amount, closed, is_renewal, ends in spans:
        if is_renewal:
            running = [end for _, began, _, end in spans if began < closed < end < ends]
            closed = min(running, default=closed)
        if closed <= day < ends:
            total += amount
    return total


def ended(closed: str, told: str) -> date:
    first = date.fromisoformat(closed)
    return date.fromisoformat(told) if told else first.replace(year=first.year + 1)


def test_a_deal_of_hubspot_too_and_in_the_time_zone_of_whoever_counts(tmp_path: Path) -> None:
    write(tmp_path / "exports", {"hubspot/deals_2025-07-01.csv": DEALS, **LATER})
    write(
        tmp_path / "reference",
        {
            "settings.csv": "setting,value\nreporting_currency,EUR\n",
            "definition_profile.csv": "profile,silo,time_zone\nsales,sales,America/New_York\n",
        },
    )
    with build(tmp_path / "exports", tmp_path / "reference", tmp_path / "home") as warehouse:
        moves = warehouse.execute(
            "select moved_on, movement, mrr_value from customer_assets.value_movement order by all"
        ).fetchall()
        lost = warehouse.execute(
            "select sum(recomputed), max(recomputed) from alignment.definition_variance where metric = 'lost_customers'"
        ).fetchall()
    assert moves == [
        (date(2024, 3, 15), "new", Decimal(100)),
        (date(2025, 3, 15), "expansion", Decimal(50)),
    ]
    assert lost == [(0, 0)]
