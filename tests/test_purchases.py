"""Each purchase of a customer, with file and record, and the days for which it keeps its buyer active."""

from datetime import date
from pathlib import Path

from tests.company import build

CUSTOMERS = "customer_ref,name,segment,created_at,is_test\nc1,Alder,Shop,2026-01-02,false\nc2,Birch,,2026-01-02,true\n"
PURCHASES = """\
purchase_ref,customer_ref,purchased_on,amount,currency
p1,c1,2026-01-05,30.00,EUR
p2,c1,2026-01-20,-30.00,EUR
p3,c2,2026-01-06,30.00,EUR
me@home.example,c1,2026-02-01,7.50,EUR
"""


def test_purchases_of_customers_are_published_with_their_windows(tmp_path: Path) -> None:
    exports, reference = tmp_path / "exports" / "plain" / "shop", tmp_path / "reference"
    exports.mkdir(parents=True)
    reference.mkdir()
    (exports / "customers.csv").write_text(CUSTOMERS)
    (exports / "purchases.csv").write_text(PURCHASES)
    (reference / "segment_rule.csv").write_text("segment,lapse_days\nShop,30\n")
    with build(
        tmp_path / "exports", reference, tmp_path / "home", rooms=["core", "governance", "restricted"]
    ) as warehouse:
        found = warehouse.execute("""
            select source_ref, purchased_on, active_to, amount, vendor, system, object, file, record
            from core.customer_purchase inner join governance.batches using (batch_id, vendor, system, object)
            order by record
        """).fetchall()
        clear = warehouse.execute(
            "select hashed_reference, reference from restricted.hashed_reference"
        ).fetchall()
    origin = ("plain", "shop", "purchases", "plain/shop/purchases.csv")
    assert found == [
        ("p1", date(2026, 1, 5), date(2026, 2, 4), 30, *origin, 1),
        ("p2", date(2026, 1, 20), None, -30, *origin, 2),
        (found[2][0], date(2026, 2, 1), date(2026, 3, 3), 7.5, *origin, 4),
    ]
    assert found[2][0].startswith("hashed:") and clear == [(found[2][0], "me@home.example")]
