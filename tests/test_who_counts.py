"""Whom the tables count: who is tied to a customer, what a customer is called, and what stands still without a rate or a currency."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.settings import Asked
from tests.company import build

EXPORTS = {
    "plain/crm/customers_2025-03-01.csv": """customer_ref,kind,name,email,country,acquisition_source,created_at
zed,organisation,Zed,ann@zed.example,FR,fair,2025-01-01
late,organisation,Late,,NO,,2025-01-01
""",
    "plain/hr/customers_2025-03-01.csv": """customer_ref,name,email,segment,created_at,is_test
ranked,Ranked,x@ranked.example,Local,2019-01-01,
older,One,one@older.example,First,2020-01-01,
newer,One,one@older.example,Second,2021-01-01,
trial,A test account,,Phantom,2021-01-01,true
""",
    "plain/hr/subscriptions_2025-03-01.csv": """subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval,cancel_reason
gone,older,2025-01-01,2025-02-01,10.00,EUR,month,TOO Dear
same day,older,2025-01-15,2025-01-15,999.00,EUR,month,
""",
    "qualtrics/answers_2025-03-01.csv": "nothing,that,anybody,asked\n1,2,3,4\n",
    "plain/shop/customers_2025-03-01.csv": """customer_ref,kind,name,email,country,acquisition_source,created_at
z,person,Zed Ltd,Ann@zed.example,DE,web,2025-01-01
back,person,Money Back,,DE,web,2025-01-01
""",
    "plain/crm/subscriptions_2025-03-01.csv": """subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval
s1,zed,2025-01-10,,100.00,EUR,month
ann@zed.example,zed,2025-02-01,,7.00,EUR,month
orphan,nobody,2025-02-01,,50.00,EUR,month
not yet,later,2025-06-01,,70.00,EUR,month
no rate yet,late,2025-06-01,,80.00,USD,month
""",
    "plain/shop/purchases_2025-03-01.csv": """purchase_ref,customer_ref,purchased_on,amount,currency
p0,z,2024-02-28,900.00,EUR
p1,z,2024-03-01,11.00,EUR
p2,z,2025-02-01,30.00,EUR
p3,back,2025-02-01,-5.00,EUR
""",
    "plain/crm/survey_invitations_2025-03-01.csv": """invitation_ref,survey_ref,customer_ref,email,sent_at
i1,nps,,who@nowhere.example,2025-02-01T10:00:00Z
i2,nps,zed,,2025-02-01T10:00:00Z
""",
    "plain/crm/survey_responses_2025-03-01.csv": """response_ref,survey_ref,invitation_ref,responded_at,metric,score
r1,nps,i1,2025-02-02T10:00:00Z,nps,9
r2,nps,i2,2025-02-02T10:00:00Z,nps,3
""",
    "salesforce/accounts_2025-03-01.csv": """Id,Name,MasterRecordId,IsDeleted,CreatedDate,Segment__c,BillingCountry,Website
0015g00000AAAAAAAA,Old name,0015g00000BBBBBBBB,true,2020-01-01T00:00:00Z,Small,SE,
0015g00000BBBBBBBB,New name,,false,2021-01-01T00:00:00Z,Enterprise,SE,
0015g00000CCCCCCCC,Ranked,,false,2024-01-01T00:00:00Z,Global,SE,https://ranked.example
""",
}
REFERENCE = {"loss_reason.csv": "silo,code,reason,controllable,journey_stage\nHR,too dear,price,true,renew\n"}


def write(exports: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (exports / name).parent.mkdir(parents=True, exist_ok=True)
        (exports / name).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("who_counts")
    write(folder / "exports", EXPORTS)
    write(folder / "reference", REFERENCE)
    warehouse = build(
        folder / "exports", folder / "reference", folder / "home", Asked(as_of_on=date(2025, 2, 28))
    )
    with warehouse:
        yield warehouse


def customer(warehouse: duckdb.DuckDBPyConnection, vendor: str, system: str, reference: str) -> str:
    ((found,),) = warehouse.execute(
        "select customer_id from core.identity_map where vendor = ? and system = ? and source_ref = ?",
        [vendor, system, reference],
    ).fetchall()
    return found


def covered(warehouse: duckdb.DuckDBPyConnection, source: str, measure: str) -> tuple:
    return warehouse.execute(
        "select resolved, total, share from governance.coverage where source = ? and measure = ?",
        [source, measure],
    ).fetchall()[0]


def test_coverage_counts_whoever_was_ever_active(warehouse):
    # Zed is tied to its own records, the orphan to none; who only begins later was never active
    assert covered(warehouse, "plain/crm", "customers") == (1, 2, Decimal("0.5"))
    # money that only went back makes nobody active
    assert covered(warehouse, "plain/shop", "customers") == (1, 1, 1)


def test_coverage_of_revenue_is_a_years(warehouse):
    assert covered(warehouse, "plain/crm", "revenue") == (1284, 1884, Decimal("0.681529"))
    # purchases of the twelve months up to 28 February: the one of 28 February a year before has just left them
    assert covered(warehouse, "plain/shop", "revenue") == (41, 41, 1)


def test_an_answer_to_an_invitation_that_names_a_stranger_is_tied_to_nobody(warehouse):
    assert covered(warehouse, "plain/crm", "responses") == (1, 2, Decimal("0.5"))


def test_a_customer_is_described_by_its_earliest_record(warehouse):
    """Both records were made on one day; the order of their sources decides, not the order of rows."""
    described = warehouse.execute(
        "select country, acquisition_source, first_active_on, is_customer, is_unresolved from core.customer "
        "where customer_id = ?",
        [customer(warehouse, "plain", "crm", "zed")],
    ).fetchall()
    assert described == [("FR", "fair", date(2024, 2, 28), True, False)]


def test_a_merged_account_does_not_name_the_segment(warehouse):
    survivor = customer(warehouse, "salesforce", "salesforce", "0015g00000BBBBBBBB")
    assert survivor == customer(warehouse, "salesforce", "salesforce", "0015g00000AAAAAAAA")
    found = warehouse.execute(
        "select segment from core.customer where customer_id = ?", [survivor]
    ).fetchall()
    assert found == [("Enterprise",)]


def segments(warehouse: duckdb.DuckDBPyConnection, *record: str) -> list[tuple]:
    return warehouse.execute(
        "select segment from core.customer where customer_id = ?", [customer(warehouse, *record)]
    ).fetchall()


def test_the_sales_system_names_the_segment_before_others_and_the_older_record_before_the_newer(warehouse):
    assert segments(warehouse, "plain", "hr", "ranked") == [("Global",)]
    assert segments(warehouse, "plain", "hr", "newer") == [("First",)]


def test_a_segment_of_test_accounts_is_none(warehouse):
    assert warehouse.execute("select count(*) from core.segment where segment = 'Phantom'").fetchall() == [
        (0,)
    ]


def test_a_span_within_one_day_is_none(warehouse):
    assert warehouse.execute("select count(*) from core.revenue_span where amount = 999").fetchall() == [(0,)]


def test_a_reason_is_known_by_its_code_in_any_case(warehouse):
    found = warehouse.execute(
        "select reason from customer_assets.value_movement where movement = 'lost'"
    ).fetchall()
    assert found == [("price",)]


def test_a_source_whose_only_file_was_refused_is_missing(warehouse):
    assert warehouse.execute(
        "select distinct status from governance.coverage where source = 'qualtrics'"
    ).fetchall() == [("missing",)]


def test_a_span_that_begins_later_without_a_rate_yet_has_no_value_and_is_there(warehouse):
    found = warehouse.execute(
        "select line_ref, mrr_value from core.revenue_span where valid_from = '2025-06-01' order by all"
    ).fetchall()
    assert found == [("no rate yet", None), ("not yet", Decimal("70"))]


def test_a_line_reference_shaped_like_an_address_is_hashed(warehouse):
    ((line, source),) = warehouse.execute(
        "select line_ref, source_ref from core.revenue_span where amount = 7"
    ).fetchall()
    assert line.startswith("hashed:") and source == line
    assert warehouse.execute(
        "select reference from restricted.hashed_reference where hashed_reference = ?", [line]
    ).fetchall() == [("ann@zed.example",)]


def test_movements_of_closed_months_are_not_provisional(warehouse):
    """The as-of day is a month's last day, so no month is open."""
    assert warehouse.execute(
        "select distinct is_provisional from customer_assets.value_movement"
    ).fetchall() == [(False,)]


def test_of_currencies_as_common_the_first_by_alphabet_is_reported_and_its_own_rate_is_not_asked(tmp_path):
    """A rate for the reporting currency is no rate, and what begins after the as-of day needs none yet."""
    customers = "customer_ref,name,created_at\na,A,2025-02-28\n"
    subscriptions = "subscription_ref,customer_ref,starts_on,amount,currency,interval\n"
    subscriptions += "s1,a,2025-01-01,10.00,USD,month\ns2,a,2025-01-01,10.00,EUR,month\n"
    subscriptions += "s3,a,2025-06-01,10.00,USD,month\ns4,a,2025-06-01,10.00,EUR,month\n"
    subscriptions += "s5,a,2025-06-01,10.00,CHF,month\n"
    write(
        tmp_path,
        {
            "exports/plain/customers_2025-03-01.csv": customers,
            "exports/plain/subscriptions_2025-03-01.csv": subscriptions,
            "reference/fx_rate.csv": "currency,valid_from,rate\nEUR,2024-01-01,2\nUSD,2024-01-01,0.5\n",
        },
    )
    with build(tmp_path / "exports", tmp_path / "reference", tmp_path / "home", rooms=["core"]) as warehouse:
        assert warehouse.execute("select reporting_currency from waist.company").fetchall() == [("EUR",)]
        found = warehouse.execute("select line_ref, mrr_value from core.revenue_span order by all").fetchall()
    assert found == [("s1", 5), ("s2", 10), ("s3", 5), ("s4", 10), ("s5", None)]


def test_amounts_without_any_currency_stop_the_run_with_what_to_do(tmp_path):
    opportunity = (
        "Id,AccountId,StageName,Amount,CloseDate,IsWon\n0065g00000AAAAAAAA,,Closed Won,1200,2025-01-31,true\n"
    )
    write(tmp_path / "exports", {"salesforce/opportunities_2025-03-01.csv": opportunity})
    with pytest.raises(
        duckdb.Error, match=r"\[stop\] None of the 1 amounts billed or sold names its currency: add"
    ):
        build(tmp_path / "exports", tmp_path / "reference", tmp_path / "home")


def test_amounts_without_a_currency_do_not_outvote_those_with_one(tmp_path):
    opportunities = "Id,AccountId,StageName,Amount,CloseDate,IsWon,CurrencyIsoCode\n"
    for letter, currency in (("A", ""), ("B", ""), ("C", "EUR")):
        opportunities += f"0065g00000{letter * 8},,Closed Won,1200,2025-01-31,true,{currency}\n"
    write(tmp_path / "exports", {"salesforce/opportunities_2025-03-01.csv": opportunities})
    with build(tmp_path / "exports", tmp_path / "reference", tmp_path / "home", rooms=["core"]) as warehouse:
        assert warehouse.execute("select reporting_currency from waist.company").fetchall() == [("EUR",)]


STRIPE = {
    "invoices": "id,customer_id,status,currency,total,created,livemode\nin_1,cus_1,paid,usd,500,2025-01-31T00:00:00Z,{mode}\n",
    "subscriptions": "id,customer_id,status,start_date,created,canceled_at,ended_at,livemode\n"
    "sub_1,cus_1,active,2025-01-01T00:00:00Z,2025-01-01T00:00:00Z,,,{mode}\n",
    "payments": "id,created,amount,amount_refunded,currency,mode,status,customer_id\n"
    "ch_1,2025-01-31 10:00,5.00,0.00,usd,{mode},Paid,cus_1\n",
}


@pytest.mark.parametrize("bills", STRIPE)
@pytest.mark.parametrize(("is_live", "spans"), [(True, 0), (False, 1)])
def test_opportunities_are_no_spans_beside_a_billing_source(tmp_path, bills, is_live, spans):
    """One that holds no agreement at a price, but bills once, or usage; Stripe's test mode is no billing."""
    opportunity = "Id,AccountId,StageName,Amount,CloseDate,IsWon,CurrencyIsoCode\n"
    opportunity += "0065g00000AAAAAAAA,,Closed Won,1200,2025-01-31,true,EUR\n"
    mode = {"payments": "Live" if is_live else "Test"}.get(bills, str(is_live).lower())
    files = {
        "salesforce/opportunities_2025-03-01.csv": opportunity,
        f"stripe/{bills}_2025-03-01.csv": STRIPE[bills].format(mode=mode),
    }
    write(tmp_path / "exports", files)
    with build(tmp_path / "exports", tmp_path / "reference", tmp_path / "home", rooms=["core"]) as warehouse:
        assert warehouse.execute("select count(*) from core.revenue_span").fetchall() == [(spans,)]
