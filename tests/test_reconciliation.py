"""What a source prints itself is held against what its exports say, and a difference names the policy that makes it."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.company import build

# Two in-house systems, and one that bills and takes back. In `club`, a third of m2's fee is a discount; m3 left on the last day of
# January, m4 pays in another currency.
EXPORTS = {
    "plain/club/customers.csv": "customer_ref,name,created_at\n"
    "m1,Alder,2026-01-02\nm2,Birch,2026-01-02\nm3,Cedar,2026-01-02\nm4,Dill,2026-03-02\n",
    "plain/club/subscriptions.csv": "subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval\n"
    "s1,m1,2026-01-05,,120.00,EUR,year\ns2,m2,2026-01-05,,30.00,EUR,month\ns2b,m2,2026-02-10,,5.00,EUR,month\n"
    "s3,m3,2026-01-05,2026-01-31,8.00,EUR,month\ns3b,m3,2026-02-01,2026-03-01,9.00,EUR,month\ns4,m4,2026-01-07,,7.00,GBP,month\n",
    "plain/club/discounts.csv": "discount_ref,subscription_ref,starts_on,ends_on,percent,amount\nd1,s2,2026-01-05,,,10.00\n",
    "chargebee/customers_2026-03-05.csv": "id,email,created_at,updated_at\nk1,kim@kale.example,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z\n",
    "chargebee/invoices_2026-03-05.csv": "id,customer_id,subscription_id,status,currency_code,date,sub_total,tax,total,updated_at\n"
    "i1,k1,,paid,EUR,2026-01-10T10:00:00Z,10000,,10000,2026-01-10T10:00:00Z\ni2,k1,,paid,EUR,2026-02-10T10:00:00Z,10000,,10000,2026-02-10T10:00:00Z\n",
    "chargebee/credit_notes_2026-03-05.csv": "id,customer_id,reference_invoice_id,status,currency_code,date,total,updated_at\n"
    "c1,k1,i1,refunded,EUR,2026-01-20T10:00:00Z,2500,2026-01-20T10:00:00Z\nc2,k1,i2,refunded,EUR,2026-03-02T10:00:00Z,4000,2026-03-02T10:00:00Z\n",
    "plain/desk/tickets.csv": "ticket_ref,customer_ref,opened_at\n"
    "t1,m1,2026-01-31T23:30:00Z\nt2,m1,2026-02-01T00:30:00Z\nt3,m1,2026-02-27T12:00:00Z\n",
}
TOTALS = """\
vendor,system,control,period_start,currency,amount
plain,club,mrr,2026-01-01,EUR,30.00
plain,club,mrr,2026-02-01,EUR,54.00
plain,club,mrr,2026-01-01,GBP,7.00
plain,club,mrr,2026-03-01,EUR,1.00
plain,club,subscribers,2026-01-01,,3
plain,club,subscribers,2026-02-01,,3
plain,desk,tickets,2026-01-01,,1
plain,desk,tickets,2026-02-01,,1
plain,desk,tickets,2025-12-01,,0
stripe,,invoiced,2026-01-01,EUR,12.00
chargebee,,invoiced,2026-01-01,EUR,75.00
chargebee,,invoiced,2026-02-01,EUR,60.00
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reconciled")
    for name, text in EXPORTS.items():
        file = folder / "exports" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "reference").mkdir()
    (folder / "reference" / "control_total.csv").write_text(TOTALS)
    (folder / "reference" / "settings.csv").write_text(
        "setting,value\ntime_zone,Europe/Berlin\nreporting_currency,EUR\n"
    )
    (folder / "reference" / "fx_rate.csv").write_text("currency,valid_from,rate\nGBP,2026-01-01,1.2\n")
    return folder


def test_each_total_stands_beside_ours(folder: Path) -> None:
    with build(folder / "exports", folder / "reference", folder / "home", rooms=["governance"]) as warehouse:
        told = {
            row[:4]: row[4:]
            for row in warehouse.execute(
                "select system, control, cast(period_start as varchar), coalesce(currency, ''), theirs, ours, control_difference, "
                "explained_by, unexplained_difference, missing_source from governance.reconciliation"
            ).fetchall()
        }
    zero, over = Decimal(0), "the month is not over"
    assert told == {
        # by hand: m1 10, m2 20 after its discount; m3 is between two fees on 31 January
        ("club", "mrr", "2026-01-01", "EUR"): (30, 30, zero, None, zero, None),
        ("club", "mrr", "2026-02-01", "EUR"): (54, 44, -10, "recurring_discounts", zero, None),
        ("club", "mrr", "2026-01-01", "GBP"): (7, 7, zero, None, zero, None),
        ("club", "mrr", "2026-03-01", "EUR"): (1, None, None, None, None, over),
        ("club", "subscribers", "2026-01-01", ""): (3, 3, zero, None, zero, None),
        ("club", "subscribers", "2026-02-01", ""): (3, 4, 1, None, 1, None),
        # in Berlin the first was opened in February
        ("desk", "tickets", "2026-01-01", ""): (1, 0, -1, None, -1, None),
        ("desk", "tickets", "2026-02-01", ""): (1, 3, 2, None, 2, None),
        ("desk", "tickets", "2025-12-01", ""): (0, 0, zero, None, zero, None),
        # what was taken back in January counts in January, what was in March does not count in February
        ("chargebee", "invoiced", "2026-01-01", "EUR"): (75, 100, 25, "credit_notes", zero, None),
        ("chargebee", "invoiced", "2026-02-01", "EUR"): (60, 100, 40, None, 40, None),
        ("stripe", "invoiced", "2026-01-01", "EUR"): (12, None, None, None, None, "no export came from it"),
    }
