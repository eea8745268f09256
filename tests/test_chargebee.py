"""Chargebee's files to the end: CSV and JSON lines, several extracts of one row, and who a customer is elsewhere."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.company import build
from tests.landing_helpers import Company
from tests.test_who_counts import write

JANUARY, MARCH = 1735732800, 1740830400  # noon of 1 January and of 1 March 2025, UTC
CUSTOMERS = """{"id": "c1", "object": "customer", "company": "Acme", "email": "pay@acme.example", "created_at": 1735732800, \
"deleted": false, "billing_address": {"line1": "1 Mill Lane", "city": "Leeds", "country": "GB", "object": "billing_address"}, \
"meta_data": {"salesforce_account_id": "001D000000IRFma"}}
{"id": "c2", "object": "customer", "first_name": "Jo", "last_name": "Doe", "email": "jo@free.example", "created_at": 1735732800, \
"deleted": false}
"""
SUBSCRIPTIONS = (
    "id,customer_id,status,currency_code,billing_period,billing_period_unit,plan_amount,started_at,activated_at,cancelled_at,"
    "cancel_reason_code,deleted,created_at,updated_at,resource_version\n"
)
EXPORTS = {
    "salesforce/accounts_2025-01-31.csv": """Id,Name,BillingCountry,CreatedDate,Segment__c
001D000000IRFmaIAH,Acme Works,GB,2024-12-01T00:00:00Z,Large
""",
    "chargebee/customers_2025-01-31.jsonl": CUSTOMERS,
    "chargebee/subscriptions_2025-01-31.csv": SUBSCRIPTIONS
    + f"s1,c1,active,USD,1,month,1000,{JANUARY},{JANUARY},,,false,{JANUARY},{JANUARY},1735732800000\n"
    + f"s2,c2,active,USD,1,year,12000,{JANUARY},{JANUARY},,,false,{JANUARY},{JANUARY},1735732800000\n",
    "chargebee/subscriptions_2025-03-31.csv": SUBSCRIPTIONS
    + f"s1,c1,active,USD,1,month,1500,{JANUARY},{JANUARY},,,false,{JANUARY},{MARCH},1740830400000\n"
    + f"s2,c2,cancelled,USD,1,year,12000,{JANUARY},{JANUARY},{MARCH},Dear,false,{JANUARY},{MARCH},1740830400000\n",
    "chargebee/invoices_2025-03-31.jsonl": """{"id": "1", "customer_id": "c1", "subscription_id": "s1", "status": "paid", \
"currency_code": "USD", "date": 1740830400, "price_type": "tax_exclusive", "sub_total": 1500, "tax": 285, "total": 1785, \
"line_items": [{"amount": 1500}]}
""",
}


@pytest.mark.parametrize("file", EXPORTS)
def test_a_file_is_known_by_its_header(file: str, tmp_path: Path) -> None:
    outcome = Company(tmp_path).land_one(file, EXPORTS[file])
    name = file.split("/")[1].split("_")[0]
    assert (outcome.status, outcome.object, outcome.rows_refused) == ("accepted", name, 0)


def test_what_is_inside_a_json_object_has_its_column(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.land_one("chargebee/customers.jsonl", CUSTOMERS)
    columns = "id, billing_address_line_1, billing_address_city, meta_data"
    assert company.rows("chargebee", "customers", columns) == [
        ("c1", "1 Mill Lane", "Leeds", '{"salesforce_account_id":"001D000000IRFma"}'),
        ("c2", None, None, None),
    ]


def test_several_extracts_of_one_row_tell_what_happened(tmp_path: Path) -> None:
    """Acme is the account that its metadata names, and pays 10 a month, then 15. Jo paid 120 a year and left in March."""
    write(tmp_path / "exports", EXPORTS)
    reasons = {
        "loss_reason.csv": "silo,code,reason,controllable,journey_stage\nChargebee,dear,price,true,renew\n"
    }
    write(tmp_path / "reference", reasons)
    with build(
        tmp_path / "exports", tmp_path / "reference", tmp_path / "home", rooms=["core", "customer_assets"]
    ) as warehouse:
        moved = warehouse.execute(
            "select moved_on, movement, segment, mrr_value, annualised_value, trailing_12m_value, reason "
            "from customer_assets.value_movement order by all"
        ).fetchall()
        spans = warehouse.execute(
            "select source_ref, valid_from, valid_to, is_provisional from core.revenue_span order by all"
        ).fetchall()
    assert moved == [
        (date(2025, 1, 1), "new", "Large", Decimal(10), Decimal(120), Decimal(0), None),
        (date(2025, 1, 1), "new", "unsegmented", Decimal(10), Decimal(120), Decimal(0), None),
        (date(2025, 3, 1), "expansion", "Large", Decimal(5), Decimal(60), Decimal(15), None),
        (date(2025, 3, 1), "lost", "unsegmented", Decimal(10), Decimal(120), Decimal(0), "price"),
    ]
    assert spans == [
        ("s1", date(2025, 1, 1), date(2025, 3, 1), True),
        ("s1", date(2025, 3, 1), None, False),
        ("s2", date(2025, 1, 1), date(2025, 3, 1), True),
    ]
