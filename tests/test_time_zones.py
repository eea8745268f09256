"""In which time zone moments become days: one more policy of a profile, and one more step of its bridge."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import duckdb
import pytest

from tests.company import build
from tests.oracles.definition_profiles import open_bridges, wrong_profile
from tests.oracles.tables import told
from tests.oracles.time_zones import Agreement, totals
from tests.test_counting_policies import EARLIER, EXTRACTED, Exports, epoch

# The company counts in UTC. Berlin is an hour ahead until 30 March 2025, two from then on; New York five and four behind.
TABLE = """profile,base_object,time_zone,past_due_days,cancel_date,refunds
one_company,,,14,request,
berlin,,Europe/Berlin,,,
new_york,,America/New_York,,,
lenient,,Europe/Berlin,36500,service_end,
same,,UTC,,,
finance,invoices,Europe/Berlin,,,deducted
crm,opportunities,Europe/Berlin,,,
panel,contacts,Europe/Berlin,,,
"""
JANUARY, FEBRUARY, MARCH, APRIL, MAY, JUNE, JULY = (date(2025, month, 1) for month in range(1, 8))
FILES = {
    "plain/customers": "customer_ref,name,created_at\ntold,Told,2024-12-01T00:00:00Z\nseen_last,Seen,2025-07-31T00:00:00Z\n",
    "plain/subscriptions": """subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval
t,told,2025-02-28,2025-04-30,20.00,USD,month
""",
    "plain/survey_invitations": """invitation_ref,survey_ref,email,sent_at,status
i1,nps,asked@x.example,2025-02-28T23:30:00Z,sent
i2,nps,early@y.example,2025-02-28T22:30:00Z,sent
i3,nps,early@y.example,2025-05-31T22:30:00Z,bounced
""",
    "hubspot/companies": """Record ID,Company name,Create Date
endless,Endless,2025-01-01 00:00
ending,Ending,2025-01-01 00:00
older,Older,2024-01-01 00:00
""",
    "hubspot/deals": """Record ID,Deal Name,Deal Stage,Amount,Currency,Close Date,Contract End Date,Create Date,Associated Company IDs
301,One,Closed Won,1200,USD,2025-03-31 22:30,,2025-01-01 00:00,endless
302,Two,Closed Won,2400,USD,2025-02-28 22:30,2025-05-01,2025-01-01 00:00,ending
303,Three,Closed Won,1200,USD,2024-04-30 22:30,,2024-01-01 00:00,older
""",
}


def write_exports(folder: Path) -> None:
    made = Exports()
    ended = {"status": "canceled"}
    made.subscriber("late", "month", "2025-02-28T23:30:00Z")
    made.subscriber("winter", "month", "2025-02-28T22:30:00Z")
    made.subscriber("summer", "month", "2025-03-31T22:30:00Z")
    for_good = {
        "id": "di_good",
        "start": epoch("2025-02-01"),
        "coupon": {"id": "good", "percent_off": 50, "duration": "forever"},
    }
    made.subscriber(
        "leaver",
        "month",
        "2025-02-10T12:00:00Z",
        ended_at="2025-04-30T22:30:00Z",
        discount=json.dumps(for_good),
        **ended,
    )
    made.subscriber(
        "early", "month", "2025-05-01T02:00:00Z", discount=json.dumps(for_good | {"id": "di_early"})
    )
    made.subscriber("asker", "month", "2025-02-10T12:00:00Z", canceled_at="2025-05-31T22:30:00Z",
                    ended_at="2025-06-20T12:00:00Z", **ended)  # fmt: skip
    made.subscriber("owing", "month", "2025-02-10T12:00:00Z", "past_due")
    # within one day of the company, and so nothing for anybody
    made.subscriber("brief", "month", "2025-03-10T20:00:00Z", ended_at="2025-03-10T23:30:00Z", **ended)
    # three prices on one day of the company: the first ends where the last begins, for everybody
    made.subscriber("moved", "month", "2025-02-10T12:00:00Z")
    for starts, ends, amount in (
        ("02-10T12:00", "03-10T10:00", 10000),
        ("03-10T10:00", "03-10T23:30", 20000),
        ("03-10T23:30", "08-10T10:00", 30000),
    ):
        made.bill("moved", "month", f"2025-{starts}:00Z", f"2025-{ends}:00Z", amount)
    made.agreement("changed", updated_at=epoch("2025-02-01"))
    for extract, at, amount in (("first", "2025-03-10T10:00", 20000), ("second", "2025-03-10T23:30", 30000)):
        row = made.files[f"chargebee/subscriptions_{EXTRACTED}.csv"][0]
        made.add("chargebee/subscriptions", extract, **row | {"updated_at": epoch(at), "plan_amount": amount})
    made.files[f"chargebee/subscriptions_{EARLIER}.csv"] = made.files.pop(
        f"chargebee/subscriptions_{EXTRACTED}.csv"
    )
    # half the price from the line's own start on, in any zone, until 30 April, which is a day of the company
    half = {"id": "di", "start": epoch("2025-01-31T23:30"), "end": epoch("2025-04-30T23:30")}
    half["coupon"] = {"id": "half", "percent_off": 50, "duration": "repeating", "duration_in_months": 3}
    made.subscriber("half", "month", "2025-01-31T23:30:00Z", discount=json.dumps(half))
    for ref, customer, status, created in (
        ("in_1", "owing", "open", "2025-04-16T22:30:00Z"),
        ("in_2", "late", "paid", "2025-05-31T22:30:00Z"),
        ("in_3", "summer", "paid", "2024-06-30T22:30:00Z"),
    ):
        made.add("stripe/invoices", id=ref, customer_id=f"cus_{customer}", subscription_id=f"sub_{customer}", status=status,
                 currency="usd", subtotal=12000, tax=0, total=12000, created=created, livemode="true")  # fmt: skip
    made.add("stripe/charges", id="ch_1", invoice_id="in_2", amount=12000, amount_refunded=2400, status="succeeded",
             customer_id="cus_late", currency="usd", created="2025-06-01T12:00:00Z", livemode="true")  # fmt: skip
    made.add("stripe/refunds", id="re_1", charge_id="ch_1", amount=2400, currency="usd", reason="", status="succeeded",
             created="2025-06-30T22:30:00Z")  # fmt: skip
    made.write(folder)
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / f"{name}_{EXTRACTED}.csv").write_text(text)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("zones")
    (folder / "reference").mkdir()
    (folder / "reference/definition_profile.csv").write_text(TABLE)
    write_exports(folder / "exports")
    with build(folder / "exports", folder / "reference", folder / "home", rooms=["alignment"]) as built:
        yield built


def behind(warehouse: duckdb.DuckDBPyConnection, profile: str, policy: str = "time_zone") -> dict[str, list]:
    """What a step adds, by the record behind it: metric, first month, first month after, difference."""
    rows = warehouse.execute(
        "select replace(map.source_ref, 'cus_', ''), behind.metric, behind.month_from, behind.month_to, behind.difference "
        "from alignment.customer_set_difference as behind "
        "inner join (select customer_id, min(source_ref) as source_ref from waist.party group by all) as map using (customer_id) "
        "where behind.profile = ? and behind.policy = ? and behind.metric in ('closing_customers', 'closing_value') order by all",
        [profile, policy],
    ).fetchall()
    found: dict[str, list] = {}
    for record, *told_of in rows:
        found.setdefault(record, []).append(tuple(told_of))
    return found


def of_both(month_from: date, month_to: date, sign: int, value: int = 100) -> list:
    return [
        ("closing_customers", month_from, month_to, sign),
        ("closing_value", month_from, month_to, Decimal(sign * value)),
    ]


def test_only_who_has_a_moment_of_another_day_moves(warehouse: duckdb.DuckDBPyConnection) -> None:
    """In Berlin a month begins an hour earlier in winter and two in summer; what is told as a day stays."""
    assert behind(warehouse, "berlin") == {
        "late": of_both(FEBRUARY, MARCH, -1),
        "half": of_both(JANUARY, FEBRUARY, -1, 50),
        "summer": of_both(MARCH, APRIL, -1),
        "leaver": of_both(APRIL, MAY, 1, 50),
        # unpaid since 17 April, and so lost on 1 May, not 30 April; asked to leave on 1 June, not 31 May
        "owing": of_both(APRIL, MAY, 1),
        "asker": of_both(MAY, JUNE, 1),
    }
    assert behind(warehouse, "new_york") == {"early": of_both(APRIL, MAY, 1, 50)}
    assert warehouse.execute(
        "select distinct policy from alignment.definition_bridge where profile in ('berlin', 'same') and difference <> 0"
    ).fetchall() == [("time_zone",)]
    moved = warehouse.execute(
        "select count(distinct customer_id) from alignment.customer_set_difference where profile = 'berlin'"
    ).fetchone()
    assert moved == (6,)  # in no flow either
    assert warehouse.execute("select customer_id from waist.countable_line where amount = 300").fetchall()
    assert behind(warehouse, "same") == {}
    assert not open_bridges(warehouse)


def test_days_are_counted_from_the_day_in_the_zone(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert behind(warehouse, "lenient") == behind(warehouse, "berlin")
    # the fourteen days had ended on 1 May
    assert behind(warehouse, "lenient", "past_due_days") == {"owing": of_both(MAY, None, 1)}
    # asked for on 1 June in Berlin, and ended on the 20th
    assert behind(warehouse, "lenient", "cancel_date") == {}


def test_invoices_sales_and_contacts_have_moments_too(warehouse: duckdb.DuckDBPyConnection) -> None:
    # invoiced on 31 May, or 1 June in Berlin, and a fifth refunded a month later
    assert behind(warehouse, "finance")["late"] == [
        ("closing_customers", MAY, JUNE, -1),
        ("closing_value", MAY, JUNE, Decimal(-10)),
    ]
    # the twelve months of an invoice of 1 July, or 30 June
    assert behind(warehouse, "finance")["summer"] == [
        ("closing_customers", JUNE, JULY, 1),
        ("closing_value", JUNE, JULY, Decimal(10)),
    ]
    assert behind(warehouse, "finance", "refunds")["late"] == [("closing_value", JULY, None, Decimal(-2))]
    assert behind(warehouse, "crm") == {"endless": of_both(MARCH, APRIL, -1), "older": of_both(APRIL, MAY, 1)}
    assert [rows for rows in behind(warehouse, "panel").values()] == [
        [("closing_customers", FEBRUARY, MARCH, -1)],
        [("closing_customers", MAY, JUNE, 1)],
    ]


OWN_ZONE, AS_OF = "America/New_York", date(2025, 7, 30)  # where the extract of midnight UTC was taken
PROFILES = [
    {"profile": "utc", "time_zone": "UTC"},
    {"profile": "berlin", "time_zone": "Europe/Berlin", "grain": "agreement"},
    {"profile": "strict", "time_zone": "Asia/Kolkata", "past_due_days": "14", "cancel_date": "request"},
    {"profile": "own", "past_due_days": "14", "cancel_date": "request"},
    {"profile": "calm", "time_zone": "Pacific/Kiritimati", "within_month": "ignored", "reactivation_days": "30"},
]  # fmt: skip


def draw_agreements(customers: int) -> list[Agreement]:
    """Customers with up to three agreements, whose moments lie about midnight here or there, at ends of months and where clocks change."""
    chance = Random(7)
    edges = [date(2024, month, 1) for month in (11, 12)] + [date(2025, month, 1) for month in range(1, 9)]
    edges += [date(2024, 10, 27), date(2024, 11, 3), date(2025, 3, 9), date(2025, 3, 30)]

    def moment() -> datetime:
        day = chance.choice(edges) + timedelta(chance.choice((-1, -1, 0, 0, 1, chance.randrange(30))))
        hour, minute = chance.choice(
            ((0, 0), (3, 59), (4, 0), (5, 0), (10, 30), (12, 0), (18, 29), (18, 30), (22, 30), (23, 30))
        )
        return datetime(day.year, day.month, day.day, hour, minute)

    found = []
    for number in range(customers):
        for nth in range(chance.choice((1, 1, 2, 3))):
            starts_at = moment()
            ends_at = max(moment(), moment()) if chance.random() < 0.6 else None
            if ends_at and ends_at <= starts_at:
                ends_at = starts_at + timedelta(hours=chance.choice((3, 20, 40, 900)))
            requested_at = moment() if ends_at and chance.random() < 0.6 else None
            unpaid_at = max(starts_at, moment()) if chance.random() < 0.3 else None
            found.append(
                Agreement(
                    f"r{number}",
                    f"r{number}_{nth}",
                    starts_at,
                    ends_at,
                    requested_at,
                    unpaid_at,
                    Decimal(100),
                )
            )
    return found  # fmt: skip


def write_agreements(folder: Path, agreements: list[Agreement]) -> None:
    made = Exports()
    customers = {agreement.customer for agreement in agreements} | {"seen_last"}
    for customer in customers:
        created = f"{AS_OF}T12:00:00Z" if customer == "seen_last" else "2024-10-01T12:00:00Z"
        made.add("stripe/customers", id=customer, email=f"{customer}@{customer}.example", name=customer, created=created,
                 livemode="true")  # fmt: skip
    for agreement in agreements:
        status = "canceled" if agreement.ends_at else "past_due" if agreement.unpaid_at else "active"
        made.add(
            "stripe/subscriptions", id=agreement.ref, customer_id=agreement.customer, status=status, livemode="true",
            start_date=agreement.starts_at, created=agreement.starts_at, ended_at=agreement.ends_at or "",
            canceled_at=agreement.requested_at or "", trial_end="",
        )  # fmt: skip
        made.add("stripe/subscription_items", id=f"si_{agreement.ref}", subscription_id=agreement.ref, price_id="month", quantity=1,
                 created=agreement.starts_at)  # fmt: skip
        if agreement.unpaid_at:
            made.add("stripe/invoices", id=f"in_{agreement.ref}", customer_id=agreement.customer, subscription_id=agreement.ref,
                     status="open", currency="usd", subtotal=100, tax=0, total=100, created=agreement.unpaid_at, livemode="true")  # fmt: skip
    made.write(folder)


def test_random_moments_are_dated_as_a_second_way_dates_them(tmp_path: Path) -> None:
    agreements = draw_agreements(400)
    write_agreements(tmp_path / "exports", agreements)
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference/settings.csv").write_text(f"setting,value\ntime_zone,{OWN_ZONE}\n")
    columns = list(dict.fromkeys(column for profile in PROFILES for column in profile))
    rows = [columns, *([profile.get(column, "") for column in columns] for profile in PROFILES)]
    (tmp_path / "reference/definition_profile.csv").write_text("\n".join(map(",".join, rows)) + "\n")
    with build(tmp_path / "exports", tmp_path / "reference", tmp_path / "home", rooms=["alignment"]) as built:
        for profile in PROFILES:
            wrong = wrong_profile(profile["profile"], totals(profile, agreements, OWN_ZONE, AS_OF), built)
            assert not wrong, told(wrong)
        assert not open_bridges(built)
        moved = built.execute(
            "select count(*) from alignment.definition_bridge where policy = 'time_zone' and difference <> 0"
        ).fetchone()
        assert moved[0] > 100
