"""Stripe records whose owner no export holds: each makes an unresolved customer of its own, counted while that is active."""

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
        "p3,usd,300,month",
        "p4,usd,400,month",
        "p10,usd,1000,month",
        "p15,usd,1500,month",
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
        f"sub_refused,cus_known,asleep,{AT},{AT},,,",
    ],
    "subscription_items": [
        "id,subscription_id,price_id,quantity,created,deleted",
        f"si_known,sub_known,p10,1,{AT},",
        f"si_customer_unknown,sub_customer_unknown,p20,1,{AT},",
        f"si_nameless,sub_nameless,p30,1,{AT},",
        f"si_alone,sub_alone,p40,1,{AT},",
        f"si_named_by_invoice,sub_named_by_invoice,p60,1,{AT},",
        "si_undated,sub_undated,p15,1,,",
        f"si_older,sub_of_two,p3,1,{AT},",
        "si_newer,sub_of_two,p4,1,2026-09-15T00:00:00Z,",
        f"si_gone,sub_gone,p50,1,{AT},",
        f"si_refused,sub_refused,p50,1,{AT},",
        f"si_deleted,sub_deleted,p50,1,{AT},true",
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
        f"il_4,in_gone,,,,invoiceitem,false,900,usd,{AT},{AT}",
    ],
}
# An extract of before: what is in it alone is gone where the object is complete.
EARLIER = {
    "subscriptions": [EXPORTS["subscriptions"][0], f"sub_gone,cus_known,active,{AT},{AT},,,"],
    "subscription_items": [EXPORTS["subscription_items"][0], "si_undated,sub_undated,p15,1,,"],
    "invoices": [EXPORTS["invoices"][0], f"in_gone,cus_known,,paid,usd,900,{AT}"],
}
POLICY = "vendor,object,is_complete\nstripe,subscriptions,true\nstripe,invoices,true\n"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder: Path = tmp_path_factory.mktemp("orphans")
    for day, extract in (("2026-10-20", EARLIER), ("2026-11-01", EXPORTS)):
        files = {f"stripe/{name}_{day}.csv": "\n".join(lines) + "\n" for name, lines in extract.items()}
        write(folder / "exports", files)
    write(folder / "reference", {"batch_policy.csv": POLICY})
    asked = Asked(as_of_on=date(2026, 10, 31))
    with build(folder / "exports", folder / "reference", folder / "home", asked) as warehouse:
        yield warehouse


def test_no_orphan_is_refused(warehouse: duckdb.DuckDBPyConnection) -> None:
    refused = warehouse.execute("select object, field from governance.refused_rows").fetchall()
    assert refused == [("subscriptions", "status")]  # of sub_refused, which is none


def test_each_orphan_is_a_customer_of_its_own(warehouse: duckdb.DuckDBPyConnection) -> None:
    spans = warehouse.execute(
        """select amount, identities.object, identities.source_ref, customers.is_unresolved,
            cast(valid_from as text), cast(valid_to as text)
        from core.revenue_span as spans
        inner join (select distinct customer_id, is_unresolved from core.customer) as customers using (customer_id)
        inner join (select customer_id, object, source_ref from core.identity_map) as identities using (customer_id)
        order by amount"""
    ).fetchall()
    made = "2026-08-01"
    assert spans == [
        (3, "subscriptions", "sub_of_two", True, made, None),
        (4, "subscriptions", "sub_of_two", True, "2026-09-15", None),  # each item since its own day
        (10, "customers", "cus_known", False, made, None),
        (15, "subscriptions", "sub_undated", True, "2026-10-20", None),  # since the first extract with it
        (20, "customers", "cus_unknown", True, made, None),
        (30, "subscriptions", "sub_nameless", True, made, "2026-10-01"),
        (40, "subscriptions", "sub_alone", True, made, None),  # known by its item alone: taken to run
        (50, "subscriptions", "sub_lost", True, made, "2026-09-01"),  # known by one line of a lost invoice
        (60, "customers", "cus_known", False, made, None),  # its invoice says whose it is
    ]


def test_what_is_gone_refused_or_deleted_is_no_orphan(warehouse: duckdb.DuckDBPyConnection) -> None:
    known = warehouse.execute("select subscription_id from staging.stg_stripe__subscriptions").fetchall()
    assert not {"sub_gone", "sub_refused", "sub_deleted"} & {row[0] for row in known}


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
