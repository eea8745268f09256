"""Billing history from Stripe's exports: each story of tests/stripe/stories, then thousands of random lives day by day.

A story is the rows of one name in the folder's files: what Stripe exports, and the recurring lines it must give.
Names and ids: story `x` is subscription sub_x of customer cus_x, its item `a` is si_x_a, its line 1 is il_x_1.
"""

import csv
import json
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from dagster_project.paths import Paths
from tests.stripe.landed import Landing, build, by_extract
from tests.stripe.lives import EXTRACTED_ON, LAST_DAY, Life, amounts_by_day, export

STORIES = Path(__file__).parent / "stripe" / "stories"
LIVES = 2000
RECURRING_LINES = """
    select line_ref, starts_on, ends_on, amount, currency, interval, interval_count, is_trial, is_paused, is_metered,
        is_provisional, object, source_ref, batch_id, record, party_object, party_ref, cancel_requested_on
    from staging.stg_stripe__recurring_lines
    order by line_ref, starts_on
"""


def read(folder: str, table: str) -> list[dict[str, str]]:
    with (STORIES / folder / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def item_id(row: dict[str, str]) -> str:
    return f"si_{row['story']}_{row['item']}" if row["item"] else f"sub_{row['story']}"


def land_stories(landing: Landing, folder: str) -> None:
    """Write one folder's stories as batches, the lines of one start on one invoice."""
    is_live = {row["story"]: row["livemode"] or "true" for row in read(folder, "subscriptions")}
    tables = defaultdict(list)
    for row in read(folder, "subscriptions"):
        story, reason = row.pop("story"), row.pop("reason")
        details = json.dumps(
            {"comment": None, "feedback": reason or None, "reason": "cancellation_requested"}
        )
        ids = {"id": f"sub_{story}", "customer_id": f"cus_{story}", "created": row["start_date"]}
        tables["subscriptions"].append({**row, **ids, "cancellation_details": details})
    for row in read(folder, "items"):
        ids = {"id": item_id(row), "subscription_id": f"sub_{row['story']}", "price_id": row["price"]}
        kept = ("quantity", "created", "current_period_end", "deleted", "extract")
        tables["subscription_items"].append({**ids, **{name: row[name] for name in kept}})
    currencies = {row["id"]: row["currency"] for row in read(".", "prices")}
    for row in read(folder, "lines"):
        story, currency = row["story"], row["currency"] or currencies.get(row["price"], "usd")
        invoice_id = f"in_{story}_{row['from']}_{row['invoice_status']}"
        ids = {"invoice_id": invoice_id, "subscription_id": f"sub_{story}"}
        line_type = row["type"] or ("invoiceitem" if row["proration"] else "subscription")
        period = {"period_start": row["from"], "period_end": row["until"]}
        same = {name: row[name] for name in ("quantity", "amount", "extract")}
        line = {"id": f"il_{story}_{row['line']}", "subscription_item_id": row["item"] and item_id(row)}
        line |= {
            "price_id": row["price"],
            "type": line_type,
            "proration": row["proration"] or "false",
            "currency": currency,
        }
        tables["invoice_line_items"].append({**ids, **line, **period, **same})
        invoice = {"id": invoice_id, "subscription_id": f"sub_{story}", "customer_id": f"cus_{story}"}
        invoice |= {"status": row["invoice_status"] or "paid", "currency": currency, "created": row["from"]}
        invoice |= {"subtotal": row["amount"], "total": row["amount"], "livemode": is_live.get(story, "true")}
        tables["invoices"].append({**invoice, "extract": row["extract"]})
    for row in read(folder, "dashboard_subscriptions"):
        story = row.pop("story")
        ids = {"id": f"sub_{story}", "customer_id": f"cus_{story}", "created": row["start_date"]}
        tables["dashboard_subscriptions"].append({**row, **ids, "extract": ""})
    for object, rows in tables.items():
        for row in rows:
            row["extract"] = row["extract"] or str(EXTRACTED_ON)
        for extracted_on, records in by_extract(rows).items():
            landing.add(object, records, extracted_on)
    prices = [{name: cell for name, cell in row.items() if cell} for row in read(".", "prices")]
    landing.add("prices", prices, EXTRACTED_ON)


def told(row: dict) -> dict[str, str]:
    """A built recurring line in the words of expected.csv."""
    story = row["party_ref"].removeprefix("cus_")
    source = {
        "invoice_line_items": "line " + row["source_ref"].removeprefix(f"il_{story}_"),
        "subscription_items": "item " + row["source_ref"].removeprefix(f"si_{story}_"),
        "dashboard_subscriptions": "subscription",
    }[row["object"]]
    marks = [mark for mark in ("trial", "paused", "metered", "provisional") if row[f"is_{mark}"]]
    return {
        "story": story,
        "item": row["line_ref"].removeprefix(f"si_{story}_").replace(f"sub_{story}", ""),
        "starts_on": str(row["starts_on"]),
        "ends_on": str(row["ends_on"] or ""),
        "amount": f"{Decimal(row['amount']).normalize():f}",
        "currency": row["currency"],
        "every": f"{row['interval_count']} {row['interval']}",
        "marks": " ".join(marks),
        "source": source,
        "cancel_asked": str(row["cancel_requested_on"] or ""),
    }


def recurring_lines(paths: Paths) -> list[dict]:
    with duckdb.connect(str(paths.warehouse), read_only=True) as connection:
        result = connection.execute(RECURRING_LINES)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def expected(folder: str) -> list[dict[str, str]]:
    return [{name: text for name, text in row.items() if name != "why"} for row in read(folder, "expected")]


def stories(folder: str) -> list[str]:
    tables = ("subscriptions", "lines", "dashboard_subscriptions")
    return list(dict.fromkeys(row["story"] for table in tables for row in read(folder, table)))


@pytest.fixture(scope="module")
def in_utc(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """Every story of a company that reckons in UTC, built."""
    landing = Landing(tmp_path_factory.mktemp("utc"), "UTC")
    land_stories(landing, "utc")
    payment = {
        "id": "ch_1",
        "created": "2025-02-10 09:00",
        "amount": "190.00",
        "currency": "chf",
        "status": "Paid",
    }
    landing.add("payments", [{**payment, "customer_id": "cus_dashboard_without_currency"}], EXTRACTED_ON)
    build(landing.paths)
    return landing.paths


@pytest.fixture(scope="module")
def utc(in_utc: Paths) -> list[dict]:
    """The recurring lines of those stories."""
    return recurring_lines(in_utc)


@pytest.fixture(scope="module")
def lives() -> list[Life]:
    return [Life(seed) for seed in range(LIVES)]


@pytest.fixture(scope="module")
def new_york(tmp_path_factory: pytest.TempPathFactory, lives: list[Life]) -> list[dict]:
    """The recurring lines of the stories and of the random lives of a company in New York."""
    landing = Landing(tmp_path_factory.mktemp("new_york"), "America/New_York")
    land_stories(landing, "new_york")
    for object, records in export(lives).items():
        landing.add(object, records, EXTRACTED_ON)
    build(landing.paths)
    return recurring_lines(landing.paths)


@pytest.mark.parametrize("story", stories("utc"))
def test_story(utc: list[dict], story: str) -> None:
    built = [told(row) for row in utc if row["party_ref"] == f"cus_{story}"]
    assert built == [row for row in expected("utc") if row["story"] == story]


def test_batch_and_record_are_those_of_the_line_named(in_utc: Paths, utc: list[dict]) -> None:
    files = f"read_parquet('{in_utc.typed('stripe', 'invoice_line_items')}/*.parquet', union_by_name = true)"
    with duckdb.connect() as connection:
        exported = connection.execute(f"select id, _batch_id, _record from {files}").fetchall()
    named = {
        (r["source_ref"], r["batch_id"], r["record"]) for r in utc if r["object"] == "invoice_line_items"
    }
    assert len({batch for _, batch, _ in named}) > 1
    assert not named - set(exported)


def test_who_is_left_unpaid_has_gone_for_that_reason_at_the_end_of_what_was_billed(in_utc: Paths) -> None:
    """Nobody exports a day on which it ended. One that is past due is still served, and has not gone."""
    query = "select source_ref, departed_on, reason_code from staging.stg_stripe__departures where reason_code = 'payment_failed'"
    with duckdb.connect(str(in_utc.warehouse), read_only=True) as warehouse:
        assert sorted(warehouse.execute(query).fetchall()) == [
            ("sub_no_invoices_ended", date(2026, 6, 10), "payment_failed"),
            ("sub_unpaid", date(2026, 10, 1), "payment_failed"),
        ]


def test_days_are_the_companys(new_york: list[dict]) -> None:
    built = [told(row) for row in new_york if row["party_ref"] == "cus_evening_before"]
    assert built == expected("new_york")


def test_random_lives_day_by_day(new_york: list[dict], lives: list[Life]) -> None:
    built = defaultdict(dict)
    for row in new_york:
        day, end = row["starts_on"], min(row["ends_on"] or LAST_DAY, LAST_DAY)
        while day < end:
            assert day not in built[row["line_ref"]], f"{row['line_ref']} has two amounts on {day}"
            built[row["line_ref"]][day] = (row["amount"], row["interval"], row["interval_count"])
            day += timedelta(days=1)
    zone = ZoneInfo("America/New_York")
    items = [item for life in lives for item in life.items]
    wrong = [item.id for item in items if built[item.id] != amounts_by_day(item, zone)]
    assert len(items) > LIVES
    assert not wrong, f"{len(wrong)} of {len(items)} items differ, among them {wrong[:5]}"


def test_stretches_are_as_long_as_they_can_be(new_york: list[dict]) -> None:
    same = ("line_ref", "amount", "currency", "interval", "interval_count", "is_trial", "is_provisional")
    for before, after in pairwise(new_york):
        is_same = all(before[name] == after[name] for name in same)
        assert not (is_same and before["ends_on"] == after["starts_on"]), after
