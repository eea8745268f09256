"""Typed batches: each text is exactly its value or a refusal, each batch is typed once, and again where its contract changed."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.exports.contracts import Column, Contract, Rule, of_vendors
from dagster_project.exports.typed import EXPECTED, type_batches, typed_records
from tests.landing_helpers import CONTRACTS, Company, subscriptions

READ = {
    "date": {"2026-01-31": date(2026, 1, 31), " 2026-02-01 ": date(2026, 2, 1)},
    "integer": {"12": 12, "-7": -7, "0": 0},
    "minor": {"1999": 1999},
    "money": {"12.3": Decimal("12.3000"), "-0.0001": Decimal("-0.0001"), "1000000000000": Decimal("1000000000000")},
    "decimal": {"0.000000000001": Decimal("0.000000000001"), "5": Decimal(5)},
    "boolean": {"TRUE": True, "0": False},
    "timestamp": {
        "2026-01-31": datetime(2026, 1, 31),
        "2026-01-31T10:00": datetime(2026, 1, 31, 10),
        "2026-01-31T10:00:00+02:00": datetime(2026, 1, 31, 8),
        "2026-01-31 10:00:00 +0200": datetime(2026, 1, 31, 8),
        "2026-01-31 10:00:00.250 UTC": datetime(2026, 1, 31, 10, 0, 0, 250_000),
        "1767225600": datetime(2026, 1, 1),
    },
    "local_timestamp": {"2026-07-01 10:00:00": datetime(2026, 7, 1, 14)},  # New York, in summer
    "text": {" a ": "a", "0x10": "0x10"},
    "currency": {"eur": "EUR", " USD ": "USD"},
}  # fmt: skip
REFUSED = {
    "date": ["2026-02-30", "2026-2-3", "31.01.2026", "2026", "2026-01-31 10:00"],
    "integer": ["12.7", "0x10", "1_000", "1e3", "07", "9223372036854775808"],
    "minor": ["19.99"],
    "money": ["12.34567", "1e3", "1,000.00", ".5", "5.", "100000000000000", "€5"],
    "decimal": ["0.0000000000001", "NaN", "Infinity"],
    "boolean": ["yes", "t", "2"],
    "timestamp": ["10:00", "2026-02-30T10:00", "2026", "12345678", "2026-01-31T25:00"],
    "local_timestamp": ["2026-07-01T10:00:00Z", "10:00"],
    "currency": ["EURO", "€", "E1R", "EU"],
}
BEYOND = {  # each at its limit, and past it
    "date": ("1900-01-01", "1899-12-31"),
    "timestamp": ("9999-12-31T23:00:00Z", "0001-01-01"),
    "integer": ("-1000000000", "-1000000001"),
    "minor": ("1000000000000", "9223372036854775807"),
    "money": ("-1000000000000", "1000000000000.0001"),
    "decimal": ("1000000000000", "1000000000000.000000000001"),
}
PROVENANCE = (
    "'shop' as _system, 'b1' as _batch_id, 'f' as _file, 1 as _record, timestamp '2026-02-01' as _extracted_at, "
    "'America/New_York' as _time_zone, null as _extra"
)


def one(column: Column, text: str | None) -> tuple:
    """A text's typed value and its refusal."""
    query = typed_records(Contract("plain", "things", (column.name,), 1, (column,)))
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            f"create table landed as select $text::varchar as thing, {PROVENANCE}", {"text": text}
        )
        return connection.execute(
            f"select thing, _refusal from ({query.replace('{landed}', 'landed')})"
        ).fetchall()[0]


@pytest.mark.parametrize(("data_type", "text"), [(t, text) for t, texts in READ.items() for text in texts])
def test_it_reads(data_type: str, text: str) -> None:
    assert one(Column("thing", data_type), text) == (READ[data_type][text], None)


@pytest.mark.parametrize(("data_type", "text"), [(t, text) for t, texts in REFUSED.items() for text in texts])
def test_it_refuses_without_showing_the_value(data_type: str, text: str) -> None:
    assert one(Column("thing", data_type), text) == (None, f"thing: {EXPECTED[data_type]}")


@pytest.mark.parametrize("data_type", BEYOND)
def test_what_cannot_be_true_is_refused_without_its_value(data_type: str) -> None:
    at, past = BEYOND[data_type]
    assert one(Column("thing", data_type), at)[1] is None
    refusal = one(Column("thing", data_type), past)[1]
    assert (
        refusal.startswith(("thing: beyond 1,000,000", "thing: not within 1900 to 9999"))
        and past not in refusal
    )


def test_what_happened_did_not_happen_in_9999_while_an_end_may_be_written_so() -> None:
    assert one(Column("thing", "date", happened=True), "2199-12-31")[1] is None
    for text in ("2200-01-01", "9999-12-31", "10000-01-01"):
        assert one(Column("thing", "date", happened=True), text)[1] == "thing: not within 1900 to 2199"
    assert one(Column("thing", "date"), "9999-12-31")[1] is None
    assert one(Column("thing", "date"), "10000-01-01")[1] == "thing: not within 1900 to 9999"


@pytest.mark.parametrize("text", [None, "", "  "])
def test_nothing_is_missing_only_where_something_is_required(text: str | None) -> None:
    assert one(Column("thing", "date"), text) == (None, None)
    assert one(Column("thing", "date", required=True), text) == (None, "thing: missing")


def test_what_is_allowed() -> None:
    column = Column("thing", "text", allowed=("day", "it's"))
    assert one(column, "it's") == ("it's", None)
    assert one(column, "week") == ("week", "thing: not one of day, it's")


def test_what_a_record_may_not_be() -> None:
    """A rule is over typed columns, is asked after the columns themselves, and says nothing where a cell is empty."""
    columns = (Column("starts_on", "date"), Column("ends_on", "date"))
    rule = Rule("ends_on", "ends_on < starts_on", "it's over")
    query = typed_records(Contract("plain", "things", ("starts_on",), 1, columns, (rule,)))
    rows = "('2025-01-10', '2025-01-09'), ('2025-01-10', '2025-01-10'), ('2025-01-10', null), ('x', '2025-01-09')"
    with duckdb.connect() as connection:
        connection.execute(
            f"create table landed as select *, {PROVENANCE} from (values {rows}) t (starts_on, ends_on)"
        )
        refusals = connection.execute(
            f"select _refusal from ({query.replace('{landed}', 'landed')})"
        ).fetchall()
    wrong_date = f"starts_on: {EXPECTED['date']}"
    assert [refusal for (refusal,) in refusals] == ["ends_on: it's over", None, None, wrong_date]


def test_a_batch_is_typed_once_and_again_where_its_contract_changed(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.land_one("plain/subscriptions.csv", subscriptions(3))
    objects = sum(len(found) for found in of_vendors(CONTRACTS).values())
    assert type_batches(company.paths, CONTRACTS) == objects + 1, "the batch, and the columns of every object"
    assert type_batches(company.paths, CONTRACTS) == 0

    (old,) = [contract for contract in CONTRACTS["plain"] if contract.object == "subscriptions"]
    stricter = replace(
        old, columns=tuple(replace(c, allowed=("USD",)) if c.name == "currency" else c for c in old.columns)
    )
    assert type_batches(company.paths, CONTRACTS | {"plain": (stricter,)}) == 2
    folder = company.paths.typed("plain", "subscriptions")
    with duckdb.connect() as connection:
        refusals = connection.execute(f"select distinct _refusal from '{folder}/*.parquet'").fetchall()
    assert refusals == [("currency: not one of USD",)]


def test_what_left_the_landing_leaves_the_typed_batches_too(tmp_path: Path) -> None:
    company = Company(tmp_path)
    batch = company.land_one("plain/subscriptions.csv", subscriptions(3)).batch_id
    type_batches(company.paths, CONTRACTS)
    (company.paths.landed("plain", "subscriptions") / f"{batch}.parquet").unlink()
    type_batches(company.paths, CONTRACTS)
    assert [file.name for file in company.paths.typed("plain", "subscriptions").iterdir()] == [
        "contract.parquet"
    ]
