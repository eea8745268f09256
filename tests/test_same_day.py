"""Of extracts of one day, whose names hold no hour, the later one holds: by what is stamped in it, else by its name."""

from collections.abc import Iterator

import duckdb
import pytest

from dagster_project.exports.typed import batch_order
from tests.company import build
from tests.test_who_counts import write

PAIRS = range(
    5
)  # which of two batches has the larger hash is chance: five pairs of each kind leave none to it
PLAIN = "customer_ref,segment,created_at\n"
STRIPE = "id,email,created,livemode,metadata\n"


def stripe_customer(number: int, segment: str) -> str:
    return f'{STRIPE}cus_{number},a@b{number}.example,2024-12-01T10:00:00Z,true,"{{""segment"": ""{segment}""}}"\n'


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("same_day")
    files = {}
    for n in PAIRS:
        day = f"2025-02-0{n + 1}"
        files |= {
            f"plain/named{n}/customers_{day}.csv": f"{PLAIN}c,first,2025-01-01\n",
            f"plain/named{n}/customers_{day} (1).csv": f"{PLAIN}c,second,2025-01-01\n",
            # the name that comes later holds what was known earlier; what is stamped with another day says nothing
            f"plain/stamped{n}/b_{day}.csv": f"{PLAIN}c,first,2025-01-01\nd,,{day}T09:00:00Z\ne,,2025-03-01T00:00:00Z\n",
            f"plain/stamped{n}/a_{day}.csv": f"{PLAIN}c,second,2025-01-01\nd,,{day}T17:00:00Z\n",
            f"stripe/customers_{day}.csv": stripe_customer(n, "first"),
            f"stripe/customers_{day} (1).csv": stripe_customer(n, "second"),
        }
    # the name that comes later holds the version that Salesforce itself stamped earlier, though a person changed it later
    for name, segment, stamp, changed in (
        ("b", "first", "08:00", "07:30"),
        ("a", "second", "17:00", "07:00"),
    ):
        files[f"salesforce/{name}_2025-02-01.csv"] = (
            "Id,Name,BillingCountry,CreatedDate,Segment__c,SystemModstamp,LastModifiedDate\n0015g00000AAAAAAAA,A,CL,"
            f"2025-01-01T00:00:00Z,{segment},2025-02-01T{stamp}:00Z,2025-02-01T{changed}:00Z\n"
        )
    write(folder / "exports", files)
    with build(folder / "exports", folder / "reference", folder / "home", rooms=["core"]) as warehouse:
        yield warehouse


@pytest.mark.parametrize("system", ["named", "stamped", "stripe"])
def test_the_later_version_holds(warehouse: duckdb.DuckDBPyConnection, system: str) -> None:
    condition = f"system like '{system}%' and (source_ref = 'c' or vendor = 'stripe')"
    found = warehouse.execute(f"select segment from waist.party_record where {condition}").fetchall()
    assert found == [("second",)] * len(PAIRS)
    segments = warehouse.execute(
        f"""select segment, count(*) from staging.stg_{system if system == "stripe" else "plain"}__segments
        where {condition} group by segment, seen_from is null order by all"""
    ).fetchall()
    assert segments == [("first", len(PAIRS)), ("second", len(PAIRS))]
    held = warehouse.execute(
        f"""select distinct segment from core.customer where valid_to is null and customer_id in
        (select customer_id from core.identity_map where {condition})"""
    ).fetchall()
    assert held == [("second",)]


def test_a_segment_and_its_record_are_of_one_version(warehouse: duckdb.DuckDBPyConnection) -> None:
    condition = "vendor = 'salesforce' and object = 'accounts'"
    held = f"select segment from waist.party_record where {condition}"
    seen = "select segment, seen_from is null from staging.stg_salesforce__segments order by all"
    assert warehouse.execute(held).fetchall() == [("second",)]
    assert warehouse.execute(seen).fetchall() == [("first", True), ("second", False)]


def test_the_order_of_names() -> None:
    names = ["x.csv", "x (2).csv", "x (10).csv", "x (10).zip/a.csv", "x (10).zip/a 2.csv.gz", "y.csv"]
    assert sorted(names, key=lambda name: batch_order(None, name, "")) == names
