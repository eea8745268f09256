"""Tax in Stripe's amounts: taken out of what was billed and of prices that include it, wherever an export tells it.

Prices are 119.00 or so with 19.00 of tax in it; each subscription is of one item, its invoices of January to March 2026.
"""

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.exports.contracts import load_contracts
from dagster_project.exports.header import read_header
from dagster_project.paths import Paths
from tests.stripe.landed import Landing, build
from tests.test_stripe_offers import SECOND

MONTHS = ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")
USUAL = {"subtotal": "11900", "tax": "1900", "total": "11900"}
PRICES = [
    {"id": "inclusive", "unit_amount": "11900", "tax_behavior": "inclusive"},
    {"id": "exclusive", "unit_amount": "11900", "tax_behavior": "exclusive"},
    {"id": "unspecified", "unit_amount": "11900"},
    {"id": "tiers", "billing_scheme": "tiered", "tax_behavior": "inclusive"},
    {"id": "calls", "unit_amount": "2", "recurring_usage_type": "metered", "tax_behavior": "inclusive"},
]


def invoice(id: str, **amounts: str) -> dict[str, str]:
    row = {"id": id, "customer_id": "cus_1", "status": "paid", "currency": "usd", "created": "2026-01-01"}
    return row | amounts


class Exports:
    """The records of one company."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, str]]] = {
            table: [] for table in ("subscriptions", "subscription_items", "invoices", "invoice_line_items")
        }

    def subscriber(self, name: str, price: str, **more: str) -> None:
        row = {"id": f"sub_{name}", "customer_id": f"cus_{name}", "status": "active", "livemode": "true"}
        self.rows["subscriptions"].append(row | {"created": MONTHS[0], "start_date": MONTHS[0]} | more)
        item = {"id": f"si_{name}", "subscription_id": f"sub_{name}", "price_id": price, "quantity": "1"}
        self.rows["subscription_items"].append(item | {"created": MONTHS[0]})

    def bill(
        self, name: str, price: str, month: int, amounts: dict[str, str], *lines: dict[str, str]
    ) -> None:
        """One month's invoice; its lines are of 119.00 where they do not say otherwise."""
        id_ = f"in_{name}_{month}"
        row = {"id": id_, "customer_id": f"cus_{name}", "subscription_id": f"sub_{name}", "status": "paid"}
        self.rows["invoices"].append(
            row | {"currency": "usd", "created": MONTHS[month - 1], "livemode": "true"} | amounts
        )
        for line in lines or ({},):
            ids = {"id": f"il_{len(self.rows['invoice_line_items'])}", "invoice_id": id_}
            ids |= {"subscription_id": f"sub_{name}", "subscription_item_id": f"si_{name}", "price_id": price}
            billed = {"type": "subscription", "proration": "false", "amount": "11900", "currency": "usd"}
            period = {"quantity": "1", "period_start": MONTHS[month - 1], "period_end": MONTHS[month]}
            self.rows["invoice_line_items"].append(ids | billed | period | line)

    def monthly(self, name: str, price: str, *lines: dict[str, str], **amounts: str) -> None:
        self.subscriber(name, price)
        for month in (1, 2, 3):
            self.bill(name, price, month, amounts or USUAL, *lines)


def exports() -> Exports:
    made = Exports()
    made.monthly("taxed", "inclusive")
    made.monthly("added", "exclusive", subtotal="11900", tax="2261", total="14161")
    made.monthly("untold", "inclusive", subtotal="11900", total="11900")
    made.monthly("exempt", "inclusive", subtotal="11900", tax="0", total="11900")
    made.monthly("half_price", "inclusive", subtotal="11900", tax="950", total="5950")
    made.monthly("by_line", "unspecified", {"amount_excluding_tax": "10000"})
    made.monthly("by_unit", "unspecified", {"unit_amount_excluding_tax": "9999.9999"})
    made.monthly(
        "rounded_units",
        "exclusive",
        {"amount": "11900", "quantity": "3", "unit_amount_excluding_tax": "3966"},
    )
    made.monthly(
        "tiered", "tiers", {"amount": "5950", "quantity": "10"}, {"amount": "5950", "quantity": "5"}, **USUAL
    )
    # the first month is free, so its invoice tells nothing of the tax
    made.subscriber("coupon", "inclusive")
    made.bill("coupon", "inclusive", 1, {"subtotal": "11900", "tax": "0", "total": "0"})
    for month in (2, 3):
        made.bill("coupon", "inclusive", month, USUAL)
    # from one to two in the middle of March: the part billed for it is too small to tell a share
    made.subscriber("raised", "inclusive")
    for month in (1, 2):
        made.bill("raised", "inclusive", month, USUAL)
    part = {"type": "invoiceitem", "proration": "true", "period_start": "2026-02-16", "period_end": MONTHS[2]}
    made.bill(
        "raised", "inclusive", 3, {"subtotal": "3", "tax": "0", "total": "3"},
        {"amount": "-3", **part}, {"amount": "6", "quantity": "2", **part},
    )  # fmt: skip
    made.rows["invoices"][-1]["id"] += "_part"
    for line in made.rows["invoice_line_items"][-2:]:
        line["invoice_id"] += "_part"
    made.bill(
        "raised", "inclusive", 3, {"subtotal": "23800", "tax": "3800", "total": "23800"},
        {"amount": "23800", "quantity": "2"},
    )  # fmt: skip
    made.rows["subscription_items"][-1]["quantity"] = "2"
    # credits leave a sliver of the March invoice
    made.subscriber("sliver", "inclusive")
    for month in (1, 2):
        made.bill("sliver", "inclusive", month, USUAL)
    made.bill("sliver", "inclusive", 3, {"subtotal": "5", "tax": "1", "total": "5"})
    made.subscriber("usage", "calls")
    made.bill("usage", "calls", 1, {"subtotal": "1190", "tax": "190", "total": "1190"}, {"amount": "1190"})
    # one that rests, and one that is still tried
    made.subscriber("rests", "inclusive", pause_collection='{"behavior": "void"}')
    made.bill("rests", "inclusive", 1, USUAL)
    made.bill("rests", "inclusive", 2, USUAL | {"status": "void"})
    made.subscriber("tried", "inclusive", trial_end=MONTHS[1])
    made.bill("tried", "inclusive", 2, USUAL)
    return made


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    landing = Landing(tmp_path_factory.mktemp("tax"), "UTC")
    terms = {"currency": "usd", "recurring_interval": "month"}
    landing.add("prices", [terms | price for price in PRICES], SECOND)
    made = exports()
    older = json.dumps([{"amount": 1000, "inclusive": False}, {"amount": 900, "inclusive": False}])
    newer = json.dumps([{"amount": 1900, "tax_behavior": "exclusive"}])
    both = {"subtotal": "10000", "total": "11900"}
    made.rows["invoices"] += [
        invoice("in_net", **both, total_excluding_tax="10000", total_taxes=newer),
        invoice("in_newer", **both, total_taxes=newer),
        invoice("in_older", **both, total_tax_amounts=older),
        invoice("in_tax", **both, tax="1900"),
        invoice("in_no_list", **both, total_taxes="[]"),
        invoice("in_untold", **both),
        invoice("in_total_alone", total="11900", total_taxes=newer),
        invoice(
            "in_inclusive", subtotal="11900", subtotal_excluding_tax="10000", total="9520",
            total_excluding_tax="8000",
        ),
    ]  # fmt: skip
    for table, records in made.rows.items():
        landing.add(table, records, SECOND)
    lost = {"id": "il_lost", "invoice_id": "in_lost", "subscription_id": "sub_taxed", "type": "invoiceitem"}
    lost |= {"proration": "false", "amount": "1190", "amount_excluding_tax": "1000", "currency": "usd"}
    landing.add("invoice_line_items", [lost | {"period_start": MONTHS[0], "period_end": MONTHS[1]}], SECOND)
    build(landing.paths)
    return landing.paths


def rows(paths: Paths, query: str) -> list[tuple]:
    with duckdb.connect(str(paths.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(
    ("invoice_id", "amount", "net_amount"),
    [
        ("in_net", 100, 100),
        ("in_newer", 100, 100),
        ("in_older", 100, 100),
        ("in_tax", 100, 100),
        ("in_no_list", 100, 119),
        ("in_untold", 100, 119),
        ("in_total_alone", 100, 100),
        ("in_inclusive", 100, 80),
    ],
)
def test_what_was_billed_is_without_tax(paths: Paths, invoice_id: str, amount: int, net_amount: int) -> None:
    query = (
        f"select amount, net_amount from staging.stg_stripe__billed_amounts where source_ref = '{invoice_id}'"
    )
    assert rows(paths, query) == [(Decimal(amount), Decimal(net_amount))]


def test_a_line_whose_invoice_is_lost_is_billed_without_the_tax_that_it_tells(paths: Paths) -> None:
    query = "select amount, net_amount from staging.stg_stripe__billed_amounts where source_ref = 'il_lost'"
    assert rows(paths, query) == [(Decimal(10), Decimal(10))]


@pytest.mark.parametrize(
    ("name", "amounts"),
    [
        ("taxed", [100]),
        ("added", [119]),
        ("untold", [119]),
        ("exempt", [119]),
        ("half_price", [100]),
        ("by_line", [100]),
        ("by_unit", [100]),
        ("rounded_units", [119]),
        ("tiered", [100]),
        ("coupon", [100]),
        ("raised", [100, 200]),
        ("sliver", [100]),
        ("rests", [100]),
        ("tried", [100]),
    ],
)
def test_a_price_is_without_the_tax_in_it(paths: Paths, name: str, amounts: list[int]) -> None:
    """From the first day on, and after the last invoice too."""
    query = f"""
        select amount from staging.stg_stripe__recurring_lines
        where line_ref = 'si_{name}' and not is_metered order by starts_on
    """
    found = [amount for (amount,) in rows(paths, query)]
    assert list(dict.fromkeys(found)) == [Decimal(amount) for amount in amounts]


@pytest.mark.parametrize(
    ("line_ref", "amount"), [("si_usage used", 10), ("si_rests paused", 100), ("si_tried trial", 100)]
)
def test_so_is_what_is_used_what_rests_and_what_is_tried(paths: Paths, line_ref: str, amount: int) -> None:
    query = f"select distinct amount from staging.stg_stripe__recurring_lines where line_ref = '{line_ref}'"
    assert rows(paths, query) == [(Decimal(amount),)]


def test_usage_within_an_invoice_is_without_tax_too(paths: Paths) -> None:
    query = "select net_amount, metered_amount from staging.stg_stripe__billed_amounts where source_ref = 'in_usage_1'"
    assert rows(paths, query) == [(Decimal(10), Decimal(10))]


def test_credit_notes_are_no_invoices(tmp_path: Path) -> None:
    """Both tell the total without tax and the taxes; only a credit note names its invoice."""
    header = "id,amount,created,currency,customer,invoice,status,subtotal,subtotal_excluding_tax,total,total_excluding_tax,total_taxes"
    assert read_header(header + "\n", load_contracts("stripe")).contract.object == "credit_notes"
    header = "id,created,currency,customer,status,subtotal,subtotal_excluding_tax,total,total_excluding_tax,total_taxes"
    assert read_header(header + "\n", load_contracts("stripe")).contract.object == "invoices"
