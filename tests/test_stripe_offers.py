"""What Stripe's staging offers beside recurring lines: who the customers are, what was billed, why they left."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.paths import Paths
from tests.stripe.landed import Landing, build

FIRST, SECOND = date(2026, 10, 1), date(2026, 11, 1)
MADE = "2026-01-01T02:00:00Z"  # the evening of 31 December in New York


def customer(id: str, metadata: str = "", **more: str) -> dict[str, str]:
    return {
        "id": id,
        "email": f" {id}@Acme.example ",
        "created": MADE,
        "livemode": "true",
        "metadata": metadata,
        **more,
    }


def invoice(id: str, customer_id: str, status: str = "paid", **more: str) -> dict[str, str]:
    amounts = {"currency": "usd", "subtotal": "1000", "tax": "190", "total": "1090"}
    return {
        "id": id,
        "customer_id": customer_id,
        "status": status,
        "created": MADE,
        "livemode": "true",
        **amounts,
        **more,
    }


def payment(id: str, customer_id: str, status: str = "Paid", **more: str) -> dict[str, str]:
    money = {"amount": "19.00", "amount_refunded": "0.00", "currency": "usd"}
    return {"id": id, "customer_id": customer_id, "status": status, "created": MADE, **money, **more}


def line(id: str, invoice_id: str, subscription_id: str) -> dict[str, str]:
    service = {"period_start": MADE, "period_end": "2026-02-01T02:00:00Z"}
    billed = {
        "price_id": "p",
        "type": "subscription",
        "proration": "false",
        "amount": "1000",
        "currency": "usd",
    }
    return {"id": id, "invoice_id": invoice_id, "subscription_id": subscription_id, **billed, **service}


def ended(id: str, details: str, **more: str) -> dict[str, str]:
    days = {"created": MADE, "start_date": MADE, "canceled_at": MADE, "ended_at": "2026-09-01T02:00:00Z"}
    return {
        "id": id,
        "customer_id": "cus_both",
        "status": "canceled",
        "cancellation_details": details,
        **days,
        **more,
    }


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    landing = Landing(tmp_path_factory.mktemp("offers"), "America/New_York")
    landing.add("customers", [customer("cus_api", '{"segment": "small"}')], FIRST)
    landing.add(
        "customers",
        [
            customer(
                "cus_api",
                '{"segment": "large", "salesforce_account_id": "001D000000IRFma"}',
                address_country="DE",
            ),
            customer("cus_both", '{"salesforce_id": "003D000000IRFmaIAH"}'),
            customer("cus_broken", "{not json"),
            customer("cus_gone", '{"salesforce_id": "n/a"}', deleted="true"),
            customer("cus_test", livemode="false"),
        ],
        SECOND,
    )
    dashboard = {"email": "none", "created": "2020-01-01 00:00", "segment": "tiny"}
    landing.add(
        "dashboard_customers", [{"id": id, **dashboard} for id in ("cus_both", "cus_dashboard")], SECOND
    )
    landing.add(
        "invoices",
        [
            invoice("in_paid", "cus_api", finalized_at="2026-01-01T06:00:00Z"),
            invoice("in_open", "cus_api", "open"),
            invoice("in_uncollectible", "cus_api", "uncollectible"),
            invoice("in_yen", "cus_api", currency="jpy"),
            invoice("in_total_only", "cus_api", subtotal=""),
            invoice("in_draft", "cus_draft", "draft"),
            invoice("in_void", "cus_api", "void"),
            invoice("in_deleted", "cus_api", "deleted"),
            invoice("in_test", "cus_api", livemode="false"),
            invoice("in_orphan", "cus_orphan"),
            invoice("in_by_subscription", "", subscription_id="sub_billed"),
            invoice("in_by_dashboard", "", subscription_id="sub_shown_billed"),
            invoice("in_by_test", "", subscription_id="sub_test"),
            invoice("in_refused", "cus_refused", total="1e2"),
        ],
        SECOND,
    )
    landing.add(
        "invoice_line_items",
        [
            line("il_lost", "in_lost", "sub_line"),
            line("il_known", "in_paid", ""),
            line("il_of_test", "in_test", ""),
            line("il_refused", "in_refused", ""),
        ],
        SECOND,
    )
    landing.add(
        "payments",
        [
            payment("ch_api", "cus_api"),
            payment("ch_dashboard", "cus_dashboard"),
            payment("ch_refunded", "cus_dashboard", "Refunded"),
            payment("ch_failed", "cus_dashboard", "Failed"),
            payment("ch_test", "cus_dashboard", mode="Test"),
            payment("ch_nobody", ""),
            payment("ch_billed", "cus_billed"),
            payment("ch_line", "cus_line"),
            payment("ch_shown_billed", "cus_shown_billed"),
            payment("ch_draft", "cus_draft"),
            payment("ch_refused", "cus_refused"),
        ],
        SECOND,
    )
    landing.add(
        "subscriptions",
        [
            ended("sub_feedback", '{"feedback": "too_expensive", "reason": "cancellation_requested"}'),
            ended("sub_failed", '{"feedback": null, "reason": "payment_failed"}'),
            ended("sub_silent", ""),
            ended("sub_test", '{"feedback": "unused"}', livemode="false"),
            ended(
                "sub_leaving",
                '{"feedback": "unused"}',
                status="active",
                ended_at="",
                cancel_at_period_end="true",
            ),
            ended("sub_billed", "", customer_id="cus_billed"),
            ended("sub_line", "", customer_id="cus_line"),
        ],
        SECOND,
    )
    shown = {
        "customer_id": "cus_dashboard",
        "amount": "19.00",
        "interval": "month",
        "created": MADE,
        "status": "Canceled",
    }
    left = {"canceled_at": MADE, "ended_at": "2026-09-05 12:00", "cancellation_reason": "missing_features"}
    landing.add(
        "dashboard_subscriptions", [{"id": id, **shown, **left} for id in ("sub_shown", "sub_failed")], SECOND
    )
    landing.add(
        "dashboard_subscriptions",
        [{**shown, "id": "sub_shown_billed", "customer_id": "cus_shown_billed"}],
        SECOND,
    )
    item = {"id": "si_shown", "subscription_id": "sub_shown", "price_id": "p", "created": MADE}
    landing.add("subscription_items", [item], SECOND)
    build(landing.paths)
    return landing.paths


def rows(paths: Paths, query: str) -> list[tuple]:
    with duckdb.connect(str(paths.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_parties(paths: Paths) -> None:
    query = """
        select object, source_ref, email, domain, country, segment, created_on, is_test, is_deleted, batch_id
        from staging.stg_stripe__parties order by source_ref
    """
    new_year_eve = date(2025, 12, 31)
    api = ("acme.example", None, None, new_year_eve)
    assert rows(paths, query) == [
        ("customers", "cus_api", "cus_api@acme.example", "acme.example", "DE", "large", new_year_eve, False, False, "customers_2"),
        ("customers", "cus_both", "cus_both@acme.example", *api, False, False, "customers_2"),
        ("customers", "cus_broken", "cus_broken@acme.example", *api, False, False, "customers_2"),
        ("dashboard_customers", "cus_dashboard", None, None, None, "tiny", date(2019, 12, 31), False, False, "dashboard_customers_1"),
        ("customers", "cus_gone", "cus_gone@acme.example", *api, False, True, "customers_2"),
        ("customers", "cus_test", "cus_test@acme.example", *api, True, False, "customers_2"),
    ]  # fmt: skip


def test_links_to_salesforce(paths: Paths) -> None:
    query = "select source_ref, to_object, to_ref, rule from staging.stg_stripe__party_links order by 1"
    assert rows(paths, query) == [
        ("cus_api", "accounts", "001D000000IRFmaIAH", "external_id"),
        ("cus_both", "contacts", "003D000000IRFmaIAH", "external_id"),
    ]


def test_every_version_of_a_segment(paths: Paths) -> None:
    query = "select object, source_ref, segment, seen_from from staging.stg_stripe__segments order by 2, 4"
    assert rows(paths, query) == [
        ("customers", "cus_api", "large", date(2026, 10, 31)),  # midnight in UTC is the evening before
        ("customers", "cus_api", "small", None),
        ("dashboard_customers", "cus_dashboard", "tiny", None),
    ]


def test_billed_amounts(paths: Paths) -> None:
    query = """
        select source_ref, party_object, party_ref, billed_on, amount, currency
        from staging.stg_stripe__billed_amounts order by 1
    """
    eve = date(2025, 12, 31)
    assert rows(paths, query) == [
        ("ch_dashboard", "dashboard_customers", "cus_dashboard", eve, Decimal(19), "USD"),
        ("ch_draft", "customers", "cus_draft", eve, Decimal(19), "USD"),
        ("ch_refunded", "dashboard_customers", "cus_dashboard", eve, Decimal(19), "USD"),
        ("ch_refused", "customers", "cus_refused", eve, Decimal(19), "USD"),
        ("il_lost", "customers", "cus_line", eve, Decimal(10), "USD"),  # and not what cus_line paid for it
        ("in_by_dashboard", "customers", "cus_shown_billed", eve, Decimal(10), "USD"),
        ("in_by_subscription", "customers", "cus_billed", eve, Decimal(10), "USD"),
        ("in_open", "customers", "cus_api", eve, Decimal(10), "USD"),
        ("in_orphan", "customers", "cus_orphan", eve, Decimal(10), "USD"),
        ("in_paid", "customers", "cus_api", date(2026, 1, 1), Decimal(10), "USD"),
        ("in_total_only", "customers", "cus_api", eve, Decimal(9), "USD"),
        ("in_uncollectible", "customers", "cus_api", eve, Decimal(10), "USD"),
        ("in_yen", "customers", "cus_api", eve, Decimal(1000), "JPY"),
    ]


def test_departures(paths: Paths) -> None:
    query = """
        select object, source_ref, party_object, party_ref, departed_on, silo, reason_code
        from staging.stg_stripe__departures order by 2
    """
    both = ("customers", "cus_both", date(2026, 8, 31), "stripe")
    shown = ("dashboard_customers", "cus_dashboard", date(2026, 9, 5), "stripe")
    assert rows(paths, query) == [
        ("subscriptions", "sub_failed", *both, "payment_failed"),
        ("subscriptions", "sub_feedback", *both, "too_expensive"),
        ("dashboard_subscriptions", "sub_shown", *shown, "missing_features"),
    ]


def test_lines_alone_bill_nothing(tmp_path: Path) -> None:
    """Where no invoice is exported, none of them is lost."""
    landing = Landing(tmp_path, "UTC")
    landing.add("invoice_line_items", [line("il_1", "in_1", "sub_1")], SECOND)
    landing.add("payments", [payment("ch_1", "cus_1")], SECOND)
    build(landing.paths)
    assert rows(landing.paths, "select source_ref from staging.stg_stripe__billed_amounts") == [("ch_1",)]
