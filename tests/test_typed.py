"""Typed batches: each text is exactly its value or a refusal, each batch is typed once, and again where its contract changed."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project.exports.contracts import Column, Contract, Rule, of_vendors
from dagster_project.exports.typed import EXPECTED, hold_back, type_batches, typed_by, typed_records
from tests.landing_helpers import CONTRACTS, Company, subscriptions

READ = {
    "date": {"2026-01-31": date(2026, 1, 31), " 2026-02-01 ": date(2026, 2, 1)},
    "integer": {"12": 12, "-7": -7, "0": 0},
    "minor": {"1999": 1999},
    "money": {"12.3": Decimal("12.3000"), "-0.0001": Decimal("-0.0001"), "10000000000": Decimal("10000000000")},
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
    "account_timestamp": {
        "2026-07-01 10:00": datetime(2026, 7, 1, 14),
        "7/1/2026 2:30 PM": datetime(2026, 7, 1, 18, 30),
        "12/31/2025 12:05 am": datetime(2025, 12, 31, 5, 5),
        "7/1/2026": datetime(2026, 7, 1, 4),
        "2026-07-01T10:00:00.250Z": datetime(2026, 7, 1, 10, 0, 0, 250_000),
        "2026-07-01 10:00:00+02:00": datetime(2026, 7, 1, 8),
        "1767225600000": datetime(2026, 1, 1),
        "07/01/2026 10:00:00 PM": datetime(2026, 7, 2, 2),
        "07/01/2026 22:00:00": datetime(2026, 7, 2, 2),
        "7/1/2026 9:05": datetime(2026, 7, 1, 13, 5),
    },
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
    "account_timestamp": [
        "10:00",
        "13/1/2026 2:30 PM",
        "31/01/2026 10:00:00",
        "02/30/2026",
        "7/1/2026 13:30 PM",
        "07/01/2026 13:00:00 PM",
        "1.7.2026 14:30",
        "7/1/26",
    ],
    "currency": ["EURO", "€", "E1R", "EU"],
}
BEYOND = {  # each at its limit, and past it
    "date": ("1900-01-01", "1899-12-31"),
    "timestamp": ("9999-12-31T23:00:00Z", "0001-01-01"),
    "integer": ("-1000000000", "-1000000001"),
    "minor": ("1000000000000", "9223372036854775807"),
    "money": ("-10000000000", "10000000000.0001"),
    "decimal": ("1000000000000", "1000000000000.000000000001"),
}
PROVENANCE = (
    "'shop' as _system, 'b1' as _batch_id, 'f' as _file, 1 as _record, timestamp '2026-02-01' as _extracted_at, "
    "'America/New_York' as _time_zone, null as _wording, null as _extra"
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
    assert refusal.startswith(("thing: beyond 1", "thing: not within 1900 to 9999")) and past not in refusal


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


# The same meaning without any short cut: trim, ask the whole pattern, cast.
PLAIN_MOMENT = "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?)?"
PLAIN = {
    "text": "t",
    "timestamp": "case when regexp_full_match(t, '[0-9]{9,11}') then timezone('UTC', to_timestamp(try_cast(t as bigint)))"
    f" when regexp_full_match(t, '{PLAIN_MOMENT}( ?(Z|UTC|[+-](0[0-9]|1[0-4]):?[0-5][0-9]))?')"
    " then timezone('UTC', try_cast(replace(t, ' +', '+') as timestamptz)) end",
}
MOMENTS = [
    "2026-01-31T10:59:05Z", "2026-01-31 10:59:05+00:00", "2026-01-31T10:59:05.000+0000", "2026-01-31T10:59:05.000Z",
    "2026-01-31 10:59:05", "2026-01-31", "2026-01-31T10:59", "2026-01-31 10:59:05.250 UTC", "2026-01-31 10:59:05 +0230",
    "1769857145",
]  # fmt: skip
STRANGE = [*" \t\n\r\v\f\0", *"0129TtZz:-+./,'", "\u00a0", "\u3000", "\u2009", "\u200b", "é", "٣", "２"]
STRANGE += ["  ", "00", "24", "60", "-1"]


def odd_texts() -> list[str]:
    """Every usual moment with any part of it left out, doubled or strange, and texts with all kinds of outer spaces."""
    texts = {
        other for text in MOMENTS for other in (text, text.lower(), text + text, text.replace("2026", "1926"))
    }
    for text in MOMENTS:
        for at in range(len(text) + 1):
            texts.update(
                text[:at] + strange + text[at + skipped :] for strange in STRANGE for skipped in (0, 1, 2)
            )
            texts.update((text[:at], text[at:], text[:at] + text[at + 1 :]))
    for year in ("0000", "0999", "1999", "2000", "2999", "3000", "9999", "10000", "-2026", "+2026"):
        texts.update(text.replace("2026", year) for text in MOMENTS)
    for month, day in ((2, 29), (2, 30), (4, 31), (12, 31), (13, 1), (0, 1), (1, 0)):
        texts.update(text.replace("-01-31", f"-{month:02}-{day:02}") for text in MOMENTS)
    for time in (
        "00:00:00",
        "23:59:59",
        "23:59:60",
        "24:00:00",
        "24:00:01",
        "10:60:00",
        "1:00:00",
        "10:0:00",
    ):
        texts.update(text.replace("10:59:05", time) for text in MOMENTS)
    for word in (
        "",
        "a",
        "é",
        "ab",
        "aé",
        "éa",
        "a b",
        "~",
        "\x7f",
        "infinity",
        "-infinity",
        "epoch",
        "2026-01-31 (BC)",
    ):
        texts.update(before + word + after for before in ("", *STRANGE) for after in ("", *STRANGE))
    return sorted(texts)


@pytest.mark.parametrize("data_type", PLAIN)
def test_the_short_cuts_change_nothing(data_type: str) -> None:
    """Cheap ways to see that a text is trimmed, or a usual moment, against the plain way, on every odd text."""
    query = typed_records(Contract("plain", "things", ("thing",), 1, (Column("thing", data_type),)))
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        texts = pa.table({"thing": odd_texts()})  # noqa: F841 - DuckDB finds it by its name
        connection.execute(
            f"create table landed as select * replace (thing as _extra) from (select thing, {PROVENANCE} from texts)"
        )
        query = query.replace("{landed}", "landed")
        differing = connection.execute(f"""
            select _extra, thing, {PLAIN[data_type]} from (select *, nullif(trim(_extra), '') as t from ({query}))
            where thing is distinct from {PLAIN[data_type]}
            or coalesce(_refusal like '% not within %', true) is distinct from (t is null or {PLAIN[data_type]} is not null)
        """).fetchall()
        ((tried, read),) = connection.execute(f"select count(*), count(thing) from ({query})").fetchall()
    assert differing == []
    assert tried > 10_000 and read > 500


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


def test_what_is_held_back_is_typed_and_not_read_until_it_is_given_back(tmp_path: Path) -> None:
    company = Company(tmp_path)
    early = company.land_one("plain/subscriptions_2026-01-31.csv", subscriptions(2)).batch_id
    late = company.land_one("plain/subscriptions_2026-02-28.csv", subscriptions(3)).batch_id
    type_batches(company.paths, CONTRACTS)
    pattern = company.paths.typed("plain", "subscriptions") / "*.parquet"

    def read() -> set[str]:
        found = duckdb.sql(f"select distinct _batch_id from read_parquet('{pattern}', union_by_name = true)")
        return {batch for (batch,) in found.fetchall()}

    hold_back(company.paths, {late})
    assert read() == {early}
    assert type_batches(company.paths, CONTRACTS) == 0 and read() == {early}  # it keeps its place, typed once
    (company.paths.landed("plain", "subscriptions") / f"{late}.parquet").unlink()
    type_batches(company.paths, CONTRACTS)
    hold_back(company.paths, set())
    assert read() == {early}  # what left the landing is gone, held back or not


def test_a_changed_contract_types_what_is_held_back_too(tmp_path: Path) -> None:
    company = Company(tmp_path)
    late = company.land_one("plain/subscriptions.csv", subscriptions(3)).batch_id
    type_batches(company.paths, CONTRACTS)
    hold_back(company.paths, {late})
    folder = company.paths.typed("plain", "subscriptions")
    (held,) = folder.glob("*.later")
    pq.write_table(pq.read_table(held).replace_schema_metadata({}), held)
    assert type_batches(company.paths, CONTRACTS) == 1 and typed_by(held)
    hold_back(company.paths, set())
    assert sorted(file.name for file in folder.iterdir()) == [f"{late}.parquet", "contract.parquet"]
