"""How others count, from exports to bridges: what makes a customer of each silo, worked out by hand, and what a row of the table does."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.company import build, models
from tests.oracles.definition_profiles import open_bridges
from tests.test_counting_policies import EXTRACTED, Exports

TABLE = """profile,base_object,duplicates,subsidiaries,trials,paused,invoice_discounts,credit_notes,refunds,within_month
finance,invoices,,,,,,,deducted,
gross,invoices,,,,,ignored,ignored,,
crm,opportunities,,,,,,,,
panel,contacts,as_recorded,,,,,,,
companies,,,apart,,,,,,
records,,as_recorded,,,,,,,
both,,,,counted,counted,,,,
trials,,,,counted,,,,,
same,,,,,,,,,
"""
PLAIN = {
    "customers": """customer_ref,kind,name,email,parent_ref,created_at
group,organisation,Group,pay@group.example,,2024-12-01T00:00:00Z
branch,organisation,Branch,pay@branch.example,group,2024-12-01T00:00:00Z
branch2,organisation,Branch again,pay@branch.example,,2024-12-01T00:00:00Z
tries,organisation,Tries,,,2024-12-01T00:00:00Z
rests,organisation,Rests,,,2024-12-01T00:00:00Z
""",
    "subscriptions": """subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval,is_trial,is_paused
g,group,2025-01-10,,60.00,USD,month,,
b,branch,2025-02-10,,40.00,USD,month,,
b2,branch2,2025-03-10,,10.00,USD,month,,
t,tries,2025-02-01,2025-06-01,20.00,USD,month,true,
t2,tries,2025-06-01,,20.00,USD,month,,
r,rests,2025-01-01,2025-03-01,30.00,USD,month,,
r2,rests,2025-03-01,2025-05-01,30.00,USD,month,,true
r3,rests,2025-05-01,,30.00,USD,month,true,true
""",
    "survey_invitations": """invitation_ref,survey_ref,email,sent_at,status
i1,nps,asked@x.example,2025-02-03T10:00:00Z,sent
i2,nps,bounces@x.example,2025-02-03T10:00:00Z,sent
i3,nps,bounces@x.example,2025-03-05T10:00:00Z,bounced
i4,nps,spared@x.example,2025-02-03T10:00:00Z,suppressed
""",
    "survey_responses": """response_ref,survey_ref,email,responded_at,metric,score
a1,nps,volunteers@x.example,2025-04-10T10:00:00Z,nps,9
""",
}
SALESFORCE = {
    "accounts": """Id,Name,IsDeleted,CreatedDate,BillingCountry,Website
0015g00000AAAAAAAA,Alpha,false,2024-12-01T00:00:00Z,SE,https://alpha.example
0015g00000BBBBBBBB,Birch,false,2024-12-01T00:00:00Z,SE,
""",
    "opportunities": """Id,AccountId,StageName,Amount,CloseDate,IsClosed,IsWon,Contract_End_Date__c,CreatedDate
0065g00000AAAAAAAA,0015g00000AAAAAAAA,Closed Won,2400,2025-02-10,true,true,2025-06-10,2025-02-01T00:00:00Z
0065g00000BBBBBBBB,0015g00000BBBBBBBB,Closed Won,1200,2025-03-01,true,true,,2025-02-01T00:00:00Z
0065g00000CCCCCCCC,0015g00000BBBBBBBB,Closed Lost,9999,2025-03-01,true,false,,2025-02-01T00:00:00Z
0065g00000DDDDDDDD,0015g00000BBBBBBBB,Negotiation,9999,2025-03-01,false,false,,2025-02-01T00:00:00Z
""",
}


def write_exports(folder: Path) -> None:
    made = Exports()
    made.subscriber("alpha", "month")
    made.bill_monthly("alpha", "month", 10000, m2={"off": 3000})
    made.subscriber("credited", "month")
    made.bill("credited", "month", "2025-02-01", "2025-03-01", 10000)
    paid = {"customer_id": "cus_alpha", "currency": "usd", "created": "2025-03-01", "livemode": "true"}
    made.add("stripe/charges", id="ch_1", invoice_id="in_alpha_2025-03-01", amount=10000, amount_refunded=2000,
             status="succeeded", **paid)  # fmt: skip
    made.add("stripe/refunds", id="re_1", charge_id="ch_1", amount=2000, currency="usd", reason="", status="succeeded",
             created="2025-03-10")  # fmt: skip
    noted = {"customer_id": "cus_credited", "currency": "usd", "created": "2025-02-20", "livemode": "true"}
    made.add("stripe/credit_notes", id="cn_1", invoice_id="in_credited_2025-02-01", status="issued", amount=4000,
             total_excluding_tax=4000, refund="", **noted)  # fmt: skip
    made.write(folder)
    for vendor, files in (("plain", PLAIN), ("salesforce", SALESFORCE)):
        (folder / vendor).mkdir()
        for name, text in files.items():
            (folder / vendor / f"{name}_{EXTRACTED}.csv").write_text(text)
    (folder / "delighted").mkdir()
    person = '"person_id": "7", "email": "tired@x.example"'
    (folder / "delighted" / f"responses_{EXTRACTED}.json").write_text(
        '[{"id": "1", "person": "7", "survey_type": "nps", "score": 3, "comment": "", "created_at": 1738576800}]'
    )
    (folder / "delighted" / f"unsubscribes_{EXTRACTED}.json").write_text(
        f'[{{{person}, "name": "", "unsubscribed_at": 1746180000}}]'  # 2 May 2025
    )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("profiles")
    (folder / "reference").mkdir()
    (folder / "reference/definition_profile.csv").write_text(TABLE)
    (folder / "reference/silo_reported_figure.csv").write_text(
        "profile,metric,period_kind,period_start,figure,told_in\ncrm,closing_customers,month,2025-03-01,5,March review\n"
    )
    write_exports(folder / "exports")
    with build(folder / "exports", folder / "reference", folder / "home", rooms=["alignment"]) as built:
        yield built


def by_month(
    warehouse: duckdb.DuckDBPyConnection, profile: str, metric: str, column: str = "recomputed"
) -> list:
    """A figure of a profile at the end of each month from January to July."""
    rows = warehouse.execute(
        f"select {column} from alignment.definition_variance "
        "where period_kind = 'month' and profile = ? and metric = ? order by period_start",
        [profile, metric],
    ).fetchall()
    assert len(rows) == 7
    return [value for (value,) in rows]


def step(warehouse: duckdb.DuckDBPyConnection, profile: str, policy: str, metric: str) -> list:
    """What a policy adds to a metric in each month."""
    return [
        value
        for (value,) in warehouse.execute(
            "select difference from alignment.definition_bridge "
            "where period_kind = 'month' and profile = ? and policy = ? and metric = ? order by period_start",
            [profile, policy, metric],
        ).fetchall()
    ]


def amounts(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def test_finance_counts_who_was_invoiced_within_twelve_months(warehouse: duckdb.DuckDBPyConnection) -> None:
    # a twelfth of 100, of the 70 left by a discount, less a twelfth of 20 refunded in March and of 40 credited in February
    assert by_month(warehouse, "finance", "closing_value") == amounts(
        "8.33", "19.16", "25.82", "34.15", "42.48", "50.81", "59.14"
    )
    assert by_month(warehouse, "finance", "closing_customers") == [1, 2, 2, 2, 2, 2, 2]
    # without any of the three
    assert by_month(warehouse, "gross", "closing_value") == amounts(
        "8.33", "24.99", "33.32", "41.65", "49.98", "58.31", "66.64"
    )


def test_the_sales_system_counts_sales_that_were_won(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert by_month(warehouse, "crm", "closing_customers") == [0, 1, 2, 2, 2, 1, 1]
    assert by_month(warehouse, "crm", "closing_value") == [0, 200, 300, 300, 300, 100, 100]
    assert by_month(warehouse, "crm", "lost_customers") == [0, 0, 0, 0, 0, 1, 0]


def test_a_survey_panel_counts_who_may_be_asked(warehouse: duckdb.DuckDBPyConnection) -> None:
    # three from February, one whose mail comes back in March, one who answers unasked in April, one who opts out in May
    assert by_month(warehouse, "panel", "closing_customers") == [0, 3, 2, 3, 2, 2, 2]
    assert by_month(warehouse, "panel", "closing_value") == [None] * 7
    assert by_month(warehouse, "panel", "closing_value", "why_unknown") == ["no_price"] * 7
    assert step(warehouse, "panel", "base_object", "closing_value") == []


def test_subsidiaries_and_duplicates_are_told_apart(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert step(warehouse, "companies", "subsidiaries", "closing_customers") == [0, 1, 1, 1, 1, 1, 1]
    assert step(warehouse, "records", "duplicates", "closing_customers") == [0, 1, 2, 2, 2, 2, 2]
    for profile in ("companies", "records"):
        assert by_month(warehouse, profile, "closing_value", "difference") == [0] * 7


def test_a_policy_is_a_step_and_what_two_do_together_falls_to_the_later(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    trials = step(warehouse, "trials", "trials", "closing_customers")
    assert trials == [0, 1, 1, 1, 1, 0, 0]
    assert step(warehouse, "both", "trials", "closing_customers") == trials
    # a pause from March on, and from May on one that is a trial too
    assert step(warehouse, "both", "paused", "closing_customers") == [0, 0, 1, 1, 1, 1, 1]
    assert step(warehouse, "trials", "paused", "closing_customers") == []
    assert by_month(warehouse, "same", "closing_customers", "difference") == [0] * 7
    assert warehouse.execute(
        "select profile, count(distinct step) from alignment.definition_bridge "
        "where profile in ('same', 'trials', 'both', 'finance') group by profile order by profile"
    ).fetchall() == [("both", 3), ("finance", 3), ("same", 1), ("trials", 2)]


def test_in_another_order_the_shared_part_moves_to_the_other_step(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    waist = {model.name for model in models() if model.schema == "waist"}
    after = [name for name in waist | {"definition_bridge"} if name.startswith("definition")]
    warehouse.execute("begin")
    warehouse.execute("""
        create or replace table waist.definition_step as
        select * replace (
            case when step = 2 then 'paused' when step = 3 then 'trials' else policy end as policy,
            case when step = 2 then 'not_counted' else trials end as trials,
            case when step = 2 then 'counted' else paused end as paused,
            case when step = 2 then 999 else definition_number end as definition_number
        )
        from waist.definition_step where profile = 'both'
    """)
    for model in models():
        if model.name in after and model.name != "definition_step":
            model.build(warehouse, Path("a home that none of these reads"))
    paused, trials = (step(warehouse, "both", policy, "closing_customers") for policy in ("paused", "trials"))
    warehouse.execute("rollback")
    assert paused == [0, 0, 1, 1, 0, 0, 0]
    assert trials == [0, 1, 1, 1, 2, 1, 1]
    assert step(warehouse, "both", "trials", "closing_customers") == [0, 1, 1, 1, 1, 0, 0]


def test_the_customers_behind_a_step_are_told(warehouse: duckdb.DuckDBPyConnection) -> None:
    def behind(policy: str, metric: str) -> list:
        return warehouse.execute(
            "select map.source_ref, behind.month_from, behind.month_to, behind.difference "
            "from alignment.customer_set_difference as behind "
            "inner join (select customer_id, min(source_ref) as source_ref from waist.party group by all) as map using (customer_id) "
            "where behind.profile = 'both' and behind.policy = ? and behind.metric = ? order by all",
            [policy, metric],
        ).fetchall()

    may, june, march, february = (date(2025, month, 1) for month in (5, 6, 3, 2))
    assert behind("trials", "closing_value") == [("tries", february, june, 20)]
    assert behind("trials", "new_customers") == [
        ("tries", february, march, 1),
        ("tries", june, date(2025, 7, 1), -1),
    ]
    assert behind("paused", "closing_customers") == [("rests", march, None, 1)]
    assert behind("paused", "lost_customers") == [("rests", march, date(2025, 4, 1), -1)]
    assert (
        not behind("paused", "won_back_customers") and may
    )  # the pause of May never paid, so nobody came back


def test_what_a_customer_differs_in_is_provisional_while_a_month_of_it_is_open(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    told = warehouse.execute(
        """
        select is_provisional, exists (
            select 1 from waist.calendar
            where period_kind = 'month' and is_provisional and period_start >= month_from
                and (month_to is null or period_start < month_to)
        ), count(*)
        from alignment.customer_set_difference group by all order by all
        """
    ).fetchall()
    assert [row[:2] for row in told] == [(False, False), (True, True)], told


def test_what_a_silo_reported_stands_beside_what_its_own_definition_gives(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    told = warehouse.execute(
        "select recomputed, one_company, reported, reported_less_recomputed, reported_less_one_company, reported_in "
        "from alignment.definition_variance where reported is not null"
    ).fetchall()
    assert told == [(2, 3, 5, 3, 2, "March review")]


def test_every_bridge_closes(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert not open_bridges(warehouse)
    rates = warehouse.execute(
        "select why_unknown from alignment.definition_variance where metric = 'retention' and profile = 'crm'"
    ).fetchall()
    assert set(rates) == {("few_customers",)}


def test_a_profile_whose_list_nobody_exports_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference/definition_profile.csv").write_text("profile,base_object\ncrm,opportunities\n")
    (tmp_path / "exports/plain").mkdir(parents=True)
    for name in ("customers", "subscriptions"):
        (tmp_path / f"exports/plain/{name}_{EXTRACTED}.csv").write_text(PLAIN[name])
    with build(tmp_path / "exports", tmp_path / "reference", tmp_path / "home", rooms=["alignment"]) as built:
        assert built.execute(
            "select distinct recomputed, difference, missing_source, why_unknown from alignment.definition_variance"
        ).fetchall() == [(None, None, "opportunities", "no_source")]
        for table in ("definition_bridge", "customer_set_difference"):
            assert built.execute(f"select count(*) from alignment.{table}").fetchone() == (0,)
