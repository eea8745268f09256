"""How a company counts, from Stripe's and Chargebee's exports to customer_math: by default, and as others do.

Each customer has a segment of its own name, so that customer_math tells of it alone.
"""

import csv
import json
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.company import build
from tests.oracles.definition_profiles import open_bridges

EXTRACTED, EARLIER = "2025-07-31", "2025-02-28"
MONTHS = [date(2025, month, 1) for month in range(1, 8)]
DEFAULT: dict[str, str] = {}
AS_OTHERS_DO = {
    "recurring_discounts": "ignored",
    "one_off_discounts": "deducted",
    "invoice_discounts": "ignored",
    "metered": "counted",
    "refunds": "deducted",
    "credit_notes": "ignored",
    "past_due_days": "14",
    "paused": "counted",
    "trials": "counted",
}
AS_STILL_OTHERS_DO = {"metered": "excluded", "refunds": "deducted"}

STRIPE_PRICES = [  # id, unit amount, scheme, interval, usage
    ("month", "10000", "per_unit", "month", "licensed"),
    ("forty", "4000", "per_unit", "month", "licensed"),
    ("year", "100000", "per_unit", "year", "licensed"),
    ("day", "500", "per_unit", "day", "licensed"),
    ("tiers", "", "tiered", "month", "licensed"),
    ("calls", "2", "per_unit", "month", "metered"),
]


def epoch(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


class Exports:
    """The files of both vendors, by their path."""

    def __init__(self) -> None:
        self.files: dict[str, list[dict]] = defaultdict(list)
        for id_, unit, scheme, interval, usage in STRIPE_PRICES:
            terms = {"unit_amount": unit, "billing_scheme": scheme, "recurring_interval": interval}
            product = f"prod_{id_}"
            self.add(
                "stripe/prices", id=id_, product=product, currency="usd", recurring_usage_type=usage, **terms
            )

    def add(self, table: str, extract: str = EXTRACTED, **row: object) -> None:
        self.files[f"{table}_{extract}.csv"].append({name: str(cell) for name, cell in row.items()})

    def write(self, folder: Path) -> None:
        for name, rows in self.files.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with (folder / name).open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(rows)

    def subscriber(
        self,
        name: str,
        price: str,
        starts: str = "2025-01-01",
        status: str = "active",
        own: str = "",
        **more: object,
    ) -> None:
        """A customer of Stripe's, with its `own` discount, and its subscription, of one item."""
        metadata = json.dumps({"segment": name})
        self.add(
            "stripe/customers", id=f"cus_{name}", email=f"pay@{name}.example", name=name.capitalize(),
            created="2024-12-20T08:00:00Z", livemode="true", metadata=metadata, discount=own,
        )  # fmt: skip
        row = {"id": f"sub_{name}", "customer_id": f"cus_{name}", "start_date": starts, "created": starts}
        blank = dict.fromkeys(("canceled_at", "ended_at", "trial_end", "discount", "discounts"), "")
        self.add("stripe/subscriptions", **row, status=status, livemode="true", **blank | more)
        self.item(name, price, created=starts)

    def item(self, name: str, price: str, created: str, suffix: str = "") -> None:
        self.add(
            "stripe/subscription_items", id=f"si_{name}{suffix}", subscription_id=f"sub_{name}", price_id=price,
            quantity="" if price == "calls" else 1, created=created,
        )  # fmt: skip

    def bill(
        self, name: str, price: str, starts: str, ends: str, amount: int, status: str = "paid", off: int = 0,
        tax: int = 0, usage: int = 0,
    ) -> None:  # fmt: skip
        """An invoice on the first day of the service that it bills; usage is of the month before."""
        id_ = f"in_{name}_{starts}"
        line = {
            "invoice_id": id_,
            "subscription_id": f"sub_{name}",
            "type": "subscription",
            "proration": "false",
        }
        line |= {"currency": "usd", "quantity": 1}
        self.add(
            "stripe/invoice_line_items", id=f"il_{name}_{starts}", **line, subscription_item_id=f"si_{name}",
            price_id=price, amount=amount, period_start=starts, period_end=ends,
        )  # fmt: skip
        if usage:
            before = date.fromisoformat(starts).replace(month=date.fromisoformat(starts).month - 1)
            self.add(
                "stripe/invoice_line_items", id=f"il_{name}_{starts}_calls", **line,
                subscription_item_id=f"si_{name}_calls", price_id="calls", amount=usage,
                period_start=before, period_end=starts,
            )  # fmt: skip
        subtotal = amount + usage
        self.add(
            "stripe/invoices", id=id_, customer_id=f"cus_{name}", subscription_id=f"sub_{name}", status=status,
            currency="usd", subtotal=subtotal, tax=tax, total=subtotal - off + tax, created=starts, livemode="true",
        )  # fmt: skip

    def bill_monthly(self, name: str, price: str, amount: int, last: int = 7, **by_month: dict) -> None:
        for month in range(1, last + 1):
            more = by_month.get(f"m{month}", {})
            self.bill(name, price, f"2025-{month:02d}-01", f"2025-{month + 1:02d}-01", amount, **more)

    def agreement(self, name: str, **more: object) -> None:
        """A customer of Chargebee's who pays 100 a month."""
        self.add(
            "chargebee/customers", id=f"cb_{name}", email=f"pay@{name}.example", company=name.capitalize(),
            cf_segment=name, created_at=epoch("2024-12-20"),
        )  # fmt: skip
        at = epoch("2025-01-01")
        row = {"id": f"s_{name}", "customer_id": f"cb_{name}", "status": "active", "currency_code": "USD"}
        row |= {"billing_period": 1, "billing_period_unit": "month", "plan_amount": 10000, "started_at": at}
        row |= {"activated_at": at, "created_at": at, "discounts": "", "coupons": ""}
        self.add("chargebee/subscriptions", **row | more)


def exports() -> Exports:
    made = Exports()
    # where the best open model is wrong
    made.subscriber("swapped", "year")
    made.bill_monthly("swapped", "month", 10000, last=6)
    made.bill("swapped", "year", "2025-07-01", "2026-07-01", 100000)
    made.subscriber("daily", "day", "2025-03-01")
    made.subscriber("tiered", "tiers")
    made.bill_monthly("tiered", "tiers", 4500)
    made.subscriber("trying", "month", "2025-03-01", "trialing", trial_end="2025-08-31")
    # discounts
    made.add("stripe/coupons", id="quarter", percent_off=25, amount_off="", duration="forever")
    made.add("stripe/coupons", id="thirty", percent_off="", amount_off=3000, currency="usd", duration="once")
    made.subscriber("lasting", "month")
    made.bill_monthly("lasting", "month", 10000, **{f"m{month}": {"off": 2500} for month in range(1, 8)})
    made.subscriber("once", "month")
    made.bill_monthly("once", "month", 10000, m1={"off": 3000})
    for name, coupon in (("lasting", "quarter"), ("once", "thirty")):
        ids = {"id": f"di_{name}", "coupon_id": coupon, "subscription_id": f"sub_{name}"}
        made.add("stripe/subscription_discounts", **ids, start="2025-01-01", end="")
    half = {"id": "di_half", "start": epoch("2025-01-01"), "end": epoch("2025-04-01")}
    half["coupon"] = {"id": "half", "percent_off": 50, "duration": "repeating", "duration_in_months": 3}
    made.subscriber("ending", "month", discount=json.dumps(half))
    tenth = {"id": "di_tenth", "start": epoch("2025-01-01"), "end": None}
    tenth["coupon"] = {"id": "tenth", "amount_off": 1000, "currency": "usd", "duration": "forever"}
    made.subscriber("listed", "month", discounts=json.dumps([tenth]))
    made.agreement(
        "given", discounts=json.dumps([{"id": "d1", "type": "percentage", "percentage": 10,
        "duration_type": "forever", "created_at": epoch("2025-01-01")}]),
    )  # fmt: skip
    made.add("chargebee/coupons", id="C1", discount_type="fixed_amount", discount_percentage="",
             discount_amount=3000, currency_code="USD", duration_type="limited_period")  # fmt: skip
    made.agreement("till", coupons=json.dumps([{"coupon_id": "C1", "apply_till": epoch("2025-04-01")}]))
    fifth = {"id": "di_fifth", "start": epoch("2025-01-01"), "end": None}
    fifth["coupon"] = {"id": "fifth", "percent_off": 20, "duration": "forever"}
    spring = half | {"id": "di_spring", "start": epoch("2025-03-01"), "end": epoch("2025-05-01")}
    made.subscriber("favoured", "month", own=json.dumps(fifth), discount=json.dumps(spring))
    made.subscriber("spared", "month", own=json.dumps(fifth | {"id": "di_spared"}))
    made.add("stripe/coupons", id="forties", percent_off=50, amount_off="", duration="forever",
             applies_to_products='["prod_forty", "prod_other"]')  # fmt: skip
    both = {"applies_to": {"products": ["prod_month", "prod_forty"]}}
    made.subscriber("narrow", "month")
    made.add("stripe/subscription_discounts", id="di_narrow", coupon_id="forties", subscription_id="sub_narrow",
             start="2025-01-01", end="")  # fmt: skip
    made.subscriber(
        "wide", "month", discount=json.dumps(tenth | {"id": "di_wide", "coupon": tenth["coupon"] | both})
    )
    made.item("narrow", "forty", "2025-01-01", "_forty")
    made.item("wide", "forty", "2025-01-01", "_forty")
    # usage, arrears, pauses
    made.subscriber("calling", "forty")
    made.item("calling", "calls", "2025-01-01", "_calls")
    made.bill_monthly("calling", "forty", 4000, m7={"usage": 1234})
    made.subscriber("owing", "forty", status="past_due")
    made.bill_monthly("owing", "forty", 4000, m6={"status": "open"}, m7={"status": "open"})
    made.subscriber("resting", "forty")
    made.bill_monthly("resting", "forty", 4000, m4={"status": "void"})
    # money that goes back
    made.subscriber("refunded", "month")
    made.bill_monthly("refunded", "month", 10000, m3={"tax": 1900})
    made.subscriber("credited", "month")
    made.bill_monthly("credited", "month", 10000)
    for name, month, amount in (("refunded", "03", 5950), ("credited", "02", 4000)):
        made.add("stripe/charges", id=f"ch_{name}", customer_id=f"cus_{name}", invoice_id=f"in_{name}_2025-{month}-01",
                 amount=11900, amount_refunded=amount, currency="usd", status="succeeded", created=f"2025-{month}-01",
                 livemode="true")  # fmt: skip
        made.add("stripe/refunds", id=f"re_{name}", charge_id=f"ch_{name}", amount=amount, currency="usd", reason="",
                 status="succeeded", created="2025-03-10")  # fmt: skip
    made.add("stripe/refunds", id="re_failed", charge_id="ch_refunded", amount=1000, currency="usd", reason="",
             status="failed", created="2025-03-11")  # fmt: skip
    note = {"customer_id": "cus_credited", "currency": "usd", "created": "2025-03-05", "livemode": "true"}
    made.add("stripe/credit_notes", id="cn_1", invoice_id="in_credited_2025-02-01", status="issued", amount=4760,
             total_excluding_tax=4000, refund="re_credited", **note)  # fmt: skip
    made.add("stripe/credit_notes", id="cn_2", invoice_id="in_credited_2025-02-01", status="void", amount=9999,
             total_excluding_tax=9999, refund="", **note)  # fmt: skip
    return made


def closings(warehouse: duckdb.DuckDBPyConnection, basis: str) -> dict[str, list[Decimal]]:
    """What each customer is worth at the end of each month from January to July."""
    rows = warehouse.execute(
        "select segment, closing_value from customer_assets.customer_math "
        "where period_kind = 'month' and value_basis = ? order by segment, period_start",
        [basis],
    ).fetchall()
    found: dict[str, list[Decimal]] = defaultdict(list)
    for segment, value in rows:
        found[segment].append(value)
    assert all(len(values) == len(MONTHS) for values in found.values())
    return found


def counted_as(policies: dict[str, str], folder: Path) -> duckdb.DuckDBPyConnection:
    exports().write(folder / "exports")
    (folder / "reference").mkdir()
    if policies:
        header, cells = ",".join(policies), ",".join(policies.values())
        (folder / "reference/definition_profile.csv").write_text(f"profile,{header}\none_company,{cells}\n")
    return build(folder / "exports", folder / "reference", folder / "home", rooms=["core", "customer_assets"])


def amounts(*texts: object) -> list[Decimal]:
    """One for each month; the last one given holds on."""
    given = [Decimal(str(text)) for text in texts]
    return given + given[-1:] * (len(MONTHS) - len(given))


def adding_up(*texts: object) -> list[Decimal]:
    return [sum(amounts(*texts)[:month], Decimal(0)) for month in range(1, len(MONTHS) + 1)]


MRR = {
    "by default": {
        "swapped": amounts(100, 100, 100, 100, 100, 100, "83.33"),  # March stays at 100
        "daily": amounts(0, 0, "152.08"),
        "tiered": amounts(45),
        "trying": amounts(0),
        "lasting": amounts(75),
        "once": amounts(100),
        "ending": amounts(50, 50, 50, 100),
        "listed": amounts(90),
        "favoured": amounts(80, 80, 50, 50, 80),  # the subscription's own discount in place of the customer's
        "spared": amounts(80),
        "narrow": amounts(120),  # half of the one item of 40 that the coupon is for
        "wide": amounts(130),  # an amount for both items is taken once
        "given": amounts(90),
        "till": amounts(70, 70, 70, 100),
        "calling": amounts(40),
        "owing": amounts(40),
        "resting": amounts(40, 40, 40, 0, 40),
    },
    "as others do": {
        "trying": amounts(0, 0, 100),
        "lasting": amounts(100),
        "once": amounts(70, 100),
        "ending": amounts(100),
        "given": amounts(100),
        "till": amounts(100),
        "calling": amounts(40, 40, 40, 40, 40, "52.34", 40),  # June's usage
        "owing": amounts(40, 40, 40, 40, 40, 0),
        "resting": amounts(40),
    },
}
TRAILING = {
    "by default": {
        "lasting": adding_up(75),
        "once": adding_up(70, 100),
        "calling": adding_up(40, 40, 40, 40, 40, 40, "52.34"),
        "resting": adding_up(40, 40, 40, 0, 40)[:3] + [Decimal(0), *adding_up(40, 40, 40, 0, 40)[4:]],
        "refunded": adding_up(100),
        "credited": adding_up(100, 100, 60, 100),
    },
    "as others do": {
        "lasting": adding_up(100),
        "once": adding_up(100),
        "refunded": adding_up(100, 100, 50, 100),  # 59.50 with the tax of the invoice
        "credited": adding_up(100, 100, 60, 100),  # by the refund
    },
    "as still others do": {
        "calling": adding_up(40),
        "refunded": adding_up(100, 100, 50, 100),
        "credited": adding_up(100, 100, 60, 100),  # once, though a refund pays the credit note out
    },
}


# What `calling` earns: 40 a month, of July the first day, on which June's calls are billed for 12.34.
EARNED = {
    "by default": amounts(40, 40, 40, 40, 40, 40, "13.63"),
    "as others do": amounts(40, 40, 40, 40, 40, "52.34", "1.29"),
    "as still others do": amounts(40, 40, 40, 40, 40, 40, "1.29"),
}


@pytest.mark.parametrize(
    ("way", "policies"),
    [("by default", DEFAULT), ("as others do", AS_OTHERS_DO), ("as still others do", AS_STILL_OTHERS_DO)],
)
def test_each_policy_counts_as_it_says(way: str, policies: dict[str, str], tmp_path: Path) -> None:
    with counted_as(policies, tmp_path) as warehouse:
        mrr, trailing = closings(warehouse, "mrr"), closings(warehouse, "trailing_12m")
        earned = warehouse.execute(
            """
            select month.start, sum(revenue.value)
            from waist.recognised_revenue as revenue
            inner join unnest(?) as month (start) on month.start >= month_from and month.start < month_to
            where segment = 'calling' group by month.start order by month.start
        """,
            [MONTHS],
        ).fetchall()
    nothing = amounts(0)  # of whom never was a customer, and so has no rows
    assert {name: mrr.get(name, nothing) for name in MRR.get(way, {})} == MRR.get(way, {})
    assert {name: trailing[name] for name in TRAILING[way]} == TRAILING[way]
    assert [value for _, value in earned] == EARNED[way]


def test_a_discount_that_ends_is_an_expansion_and_shows_beside_the_list_price(tmp_path: Path) -> None:
    with counted_as(DEFAULT, tmp_path) as warehouse:
        moved = warehouse.execute(
            "select moved_on, movement, mrr_value, cause from customer_assets.value_movement "
            "where segment = 'ending' and mrr_value <> 0 order by all"
        ).fetchall()
        spans = warehouse.execute(
            "select valid_from, valid_to, amount, list_amount, discount_amount from core.revenue_span "
            "where source_ref = 'si_ending' order by all"
        ).fetchall()
    half, whole = Decimal(50), Decimal(100)
    assert moved == [
        (date(2025, 1, 1), "new", half, None),
        (date(2025, 4, 1), "expansion", half, "price"),
    ]
    assert spans == [
        (date(2025, 1, 1), date(2025, 4, 1), half, whole, half),
        (date(2025, 4, 1), None, whole, whole, Decimal(0)),
    ]


def sharing_exports() -> Exports:
    """Three subscriptions of 100 a month less an amount of 20, each beside something that is not counted at times."""
    made = Exports()
    coupon = {"id": "twenty", "amount_off": 2000, "currency": "usd", "duration": "forever"}
    twenty = json.dumps({"id": "di_twenty", "start": epoch("2025-01-01"), "end": None, "coupon": coupon})
    # calls of April for 100
    made.subscriber("calling", "month", discount=twenty)
    made.item("calling", "calls", "2025-01-01", "_calls")
    made.bill_monthly("calling", "month", 10000, m5={"usage": 10000})
    # another item, of 40, that rests in April
    made.subscriber("resting", "month", discount=twenty)
    made.bill_monthly("resting", "month", 10000)
    made.item("resting", "forty", "2025-01-01", "_forty")
    for month in range(1, 8):
        id_, starts = f"in_forty_{month}", f"2025-{month:02d}-01"
        made.add("stripe/invoice_line_items", id=f"il_{id_}", invoice_id=id_, subscription_id="sub_resting",
                 type="subscription", proration="false", currency="usd", quantity=1, amount=4000, price_id="forty",
                 subscription_item_id="si_resting_forty", period_start=starts,
                 period_end=f"2025-{month + 1:02d}-01")  # fmt: skip
        made.add("stripe/invoices", id=id_, customer_id="cus_resting", subscription_id="sub_resting", currency="usd",
                 status="void" if month == 4 else "paid", subtotal=4000, tax=0, total=4000, created=starts,
                 livemode="true")  # fmt: skip
    # trials of both its items until April, though one is billed
    made.subscriber("trying", "month", status="trialing", trial_end="2025-04-01", discount=twenty)
    made.item("trying", "forty", "2025-01-01", "_forty")
    made.bill_monthly("trying", "month", 10000)
    return made


def test_what_is_not_counted_takes_no_part_of_an_amount_off(tmp_path: Path) -> None:
    """Neither for the company nor for a profile, whose bridge closes all the same."""
    sharing_exports().write(tmp_path / "exports")
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference/definition_profile.csv").write_text(
        "profile,metered,paused,trials\nusage,counted,,\nrests,,counted,\ntries,,,counted\n"
    )
    rooms = ["core", "customer_assets", "alignment"]
    with build(tmp_path / "exports", tmp_path / "reference", tmp_path / "home", rooms=rooms) as warehouse:
        mrr = closings(warehouse, "mrr")
        told = warehouse.execute(
            "select profile, recomputed from alignment.definition_variance "
            "where metric = 'closing_value' and period_kind = 'month' order by profile, period_start"
        ).fetchall()
        assert not open_bridges(warehouse)
    assert mrr["calling"] == amounts(80)
    assert mrr["resting"] == amounts(120, 120, 120, 80, 120)
    assert mrr["trying"] == amounts(80)
    by_profile = {name: [value for of, value in told if of == name] for name, _ in told}
    assert by_profile == {
        "usage": amounts(280, 280, 280, 340, 280),  # calls of 100, and 20 off both
        "rests": amounts(280),
        "tries": amounts(420, 420, 420, 240, 280),  # trials of 100 and 40, and 20 off all three
    }
