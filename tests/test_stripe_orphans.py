"""Stripe records whose owner no export holds: each makes a customer of its own, counted and unresolved; none is lost or refused."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.settings import Asked
from tests.company import build
from tests.test_who_counts import write

AT = "2026-08-01T00:00:00Z"
EXPORTS = {
    "customers": ["id,email,created,livemode", f"cus_known,a@known.example,{AT},true"],
    "prices": [
        "id,currency,unit_amount,recurring_interval",
        "p10,usd,1000,month",
        "p20,usd,2000,month",
        "p30,usd,3000,month",
        "p40,usd,4000,month",
        "p50,usd,5000,month",
        "p60,usd,6000,month",
    ],
    "subscriptions": [
        "id,customer_id,status,start_date,created,canceled_at,ended_at,cancellation_details",
        f"sub_known,cus_known,active,{AT},{AT},,,",
        f"sub_customer_unknown,cus_unknown,active,{AT},{AT},,,",
        f'sub_nameless,,canceled,{AT},{AT},,2026-10-01T00:00:00Z,"{{""feedback"": ""unused""}}"',
        f"sub_named_by_invoice,,active,{AT},{AT},,,",
    ],
    "subscription_items": [
        "id,subscription_id,price_id,quantity,created",
        f"si_known,sub_known,p10,1,{AT}",
        f"si_customer_unknown,sub_customer_unknown,p20,1,{AT}",
        f"si_nameless,sub_nameless,p30,1,{AT}",
        f"si_alone,sub_alone,p40,1,{AT}",
        f"si_named_by_invoice,sub_named_by_invoice,p60,1,{AT}",
    ],
    "invoices": [
        "id,customer_id,subscription_id,status,currency,total,created",
        f"in_1,cus_known,sub_named_by_invoice,paid,usd,6000,{AT}",
        f"in_2,,,paid,usd,700,{AT}",
    ],
    "invoice_line_items": [
        "id,invoice_id,subscription_id,subscription_item_id,price_id,type,proration,amount,currency,period_start,period_end",
        f"il_1,in_lost,sub_lost,si_lost,p50,subscription,false,5000,usd,{AT},2026-09-01T00:00:00Z",
        f"il_2,in_lost,,,,invoiceitem,false,300,usd,{AT},{AT}",
        f"il_3,in_lost_too,sub_known,,,invoiceitem,false,400,usd,{AT},{AT}",
    ],
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder: Path = tmp_path_factory.mktemp("orphans")
    write(
        folder / "exports",
        {f"stripe/{name}_2026-11-01.csv": "\n".join(lines) + "\n" for name, lines in EXPORTS.items()},
    )
    asked = Asked(as_of_on=date(2026, 10, 31))
    with build(folder / "exports", folder / "reference", folder / "home", asked) as warehouse:
        yield warehouse


def test_nothing_is_refused(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert warehouse.execute("select * from governance.refused_rows").fetchall() == []


def test_each_orphan_is_a_customer_of_its_own(warehouse: duckdb.DuckDBPyConnection) -> None:
    spans = warehouse.execute(
        """select amount, identities.object, identities.source_ref, customers.is_unresolved, cast(ended_on as text)
        from (select amount, valid_to as ended_on, customer_id from core.revenue_span) as spans
        inner join (select distinct customer_id, is_unresolved from core.customer) as customers using (customer_id)
        inner join core.identity_map as identities using (customer_id)
        order by amount"""
    ).fetchall()
    assert spans == [
        (10, "customers", "cus_known", False, None),
        (20, "customers", "cus_unknown", True, None),
        (30, "subscriptions", "sub_nameless", True, "2026-10-01"),
        (40, "subscriptions", "sub_alone", True, None),  # known by its item alone, so it is taken to run
        (50, "subscriptions", "sub_lost", True, "2026-09-01"),  # known by one line of a lost invoice
        (60, "customers", "cus_known", False, None),  # its invoice says whose it is
    ]


def test_what_was_billed_is_counted_once(warehouse: duckdb.DuckDBPyConnection) -> None:
    billed = warehouse.execute(
        "select source_ref, party_object, party_ref, amount from waist.billed_amount order by source_ref"
    ).fetchall()
    assert billed == [
        ("il_1", "subscriptions", "sub_lost", 50),
        ("il_2", "invoices", "in_lost", 3),
        ("il_3", "customers", "cus_known", 4),
        ("in_1", "customers", "cus_known", 60),
        ("in_2", "invoices", "in_2", 7),
    ]


def test_an_orphan_that_left_is_a_loss_with_its_reason(warehouse: duckdb.DuckDBPyConnection) -> None:
    lost = warehouse.execute(
        "select mrr_value, reason from customer_assets.value_movement where movement = 'lost' order by 1"
    ).fetchall()
    assert lost == [(Decimal(30), "unknown"), (Decimal(50), "unknown")]
    departures = warehouse.execute("select party_object, party_ref, reason_code from waist.departure")
    assert departures.fetchall() == [("subscriptions", "sub_nameless", "unused")]
