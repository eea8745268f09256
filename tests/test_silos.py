"""Silos' metrics, conflicts and handoffs of a company that is small enough to be worked out by hand.

Three customers leave in each even month of 2026 and one in each odd one, each worth 10 a month. Packers get faster in odd months and
slower in even ones. In May eight buyers are sent parcels; what becomes of each stands beside its events.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.settings import Asked
from tests.company import build
from tests.oracles import silos
from tests.oracles.facts_from_plain import facts_from_plain
from tests.test_who_counts import write

LEAVES = [f"2026-{month:02d}-10" for month in range(1, 13) for _ in range(1 if month % 2 else 3)]
BUYERS = [f"h{number}" for number in range(1, 9)]
EVENTS = """event_ref,touchpoint,customer_ref,occurred_at,conforming,minutes
1a,pack,h1,2026-05-03T09:00:00Z,true,
1b,chat,h1,2026-05-04T09:00:00Z,false,
1c,box,h1,2026-05-08T09:00:00Z,true,60
2a,pack,h2,2026-05-03T09:00:00Z,true,
2b,box,h2,2026-05-08T09:00:00Z,true,60.5
3a,pack,h3,2026-05-03T09:00:00Z,true,
3b,box,h3,2026-05-08T09:00:00Z,false,75
4a,pack,h4,2026-05-03T09:00:00Z,true,
4b,box,h4,2026-05-14T09:00:00Z,true,
5a,pack,h5,2026-05-03T09:00:00Z,true,
6a,pack,h6,2026-05-03T09:00:00Z,false,
6b,box,h6,2026-05-08T09:00:00Z,false,
7a,pack,h7,2026-05-03T09:00:00Z,true,
7b,pack,h7,2026-05-13T09:00:00Z,true,
7c,box,h7,2026-05-23T09:00:00Z,true,
7d,call,h7,2026-05-24T09:00:00Z,true,
8a,pack,h8,2026-12-25T09:00:00Z,true,1000000000000
6c,pack,h6,2026-12-21T09:00:00Z,true,
9a,pack,stranger,2026-05-03T09:00:00Z,true,
9b,pack,trial,2026-05-03T09:00:00Z,true,
1d,pack,h1,2026-06-01T09:00:00Z,true,
1e,box,h1,2026-06-02T09:00:00Z,false,
"""
EXPORTS = {
    "plain/customers_2027-01-01.csv": "customer_ref,created_at,is_test\nprospect,2026-12-31,\nstranger,2026-05-01,\ntrial,,true\n",
    "plain/subscriptions_2027-01-01.csv": "subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval\n"
    + "".join(f"s{n},c{n},2025-11-01,{day},10.00,EUR,month\n" for n, day in enumerate(LEAVES)),
    "plain/purchases_2027-01-01.csv": "purchase_ref,customer_ref,purchased_on,amount,currency\n"
    + "".join(f"p{n},{name},2026-05-01,{n}0.00,EUR\n" for n, name in enumerate([*BUYERS, "trial"], start=1)),
    "plain/tickets_2027-01-01.csv": "ticket_ref,customer_ref,opened_at\n"
    + "".join(f"t{n},c{n},{day}T09:00:00Z\n" for n, day in enumerate(LEAVES)),
    "plain/touchpoint_events_2027-01-01.csv": EVENTS,
}
MONTHS = ["2025-12-01", *(f"2026-{month:02d}-01" for month in range(1, 13)), "2027-01-01"]
REFERENCE = {
    "journey_stage.csv": "stage,position,owner,next_within_days\nask,9,,3\nsend,2,team:warehouse,10\nreceive,5,team:carrier,\n",
    "touchpoint.csv": "touchpoint,stage,promised_minutes\npack,send,\nbox,receive,60\ncall,ask,\n",
    "silo_metric.csv": """silo,metric,definition,owner,direction,target,incentive_weight,touchpoint,touchpoint_measure
warehouse,Speed,minutes to pack,team:warehouse,down,5,0.25,,
warehouse,Share kept,boxes as promised,team:warehouse,up,0.5,,box,conforming_share
warehouse,Pack time,minutes of packing,team:warehouse,down,,,pack,mean_minutes
sales,speed,days to sign,,up,5,1,,
sales,Short,a metric of six months,team:sales,up,,,,
sales,Alone,a metric that is linked to nothing,team:sales,up,,,,
sales,Twice,a metric that rises twice,team:sales,up,,0.5,,
sales,Five,a metric of six months in a row,team:sales,up,,,,
finance,Speed,minutes to pack,team:finance,up,,,,
""",
    "silo_metric_value.csv": "silo,metric,month,value\n"
    + "".join(f"warehouse,Speed,{month},{10 if n % 2 else 20}\n" for n, month in enumerate(MONTHS))
    + "".join(f"finance,Speed,{month},{20 if n % 2 else 10}\n" for n, month in enumerate(MONTHS))
    + "".join(f"sales,speed,{month},5\n" for month in MONTHS)
    + "".join(
        f"sales,Twice,{month},{(month > '2025-11-02') + (month > '2026-05-02')}\n"
        for month in ["2025-10-01", "2025-11-01", *MONTHS]
    )
    + "".join(
        f"sales,Five,{month},{value}\n" for month, value in zip(MONTHS, (1, 3, 2, 5, 4, 9), strict=False)
    )
    + "".join(
        f"sales,Short,{month},{n}\n" for n, month in enumerate(MONTHS) if n not in (0, 7, 8) and n < 11
    ),
    "metric_definition.csv": """metric,version,published_in,sentence,formula,unit,owner,decided_in
lost_customers,1,customer_assets.customer_math,Gone.,count,customers,team:once,here
lost_customers,3,customer_assets.customer_math,Gone for good.,count,customers,team:now,here
lost_customers,2,customer_assets.customer_math,Gone for long.,count,customers,team:then,here
""",
    "customer_metric_link.csv": """silo,metric,customer_metric,effect,lag_months,decision,decided_by,decided_on
warehouse,Speed,lost_customers,hurts,1,change_target,team:cco-office,2026-12-30
warehouse,Speed,net_customers,helps,1,,,
warehouse,Speed,new_customers,hurts,0,,,
sales,Twice,new_customers,helps,,,,
sales,Five,lost_customers,helps,,,,
sales,speed,lost_customers,helps,1,,,
warehouse,Speed,tickets,helps,1,,,
finance,Speed,lost_customers,helps,1,,,
warehouse,Share kept,tickets,helps,,,,
sales,Short,lost_value,helps,,,,
""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("silos")
    write(folder / "exports", EXPORTS)
    write(folder / "reference", REFERENCE)
    return folder


@pytest.fixture(scope="module")
def warehouse(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with build(folder / "exports", folder / "reference", folder / "home", rooms=["alignment"]) as warehouse:
        yield warehouse


def test_a_handoff_is_lost_where_the_next_stage_is_late_fails_or_never_comes(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.sql("""
        select period_start, from_stage, to_owner, green_customers, decided_customers, handoff_loss_customers, late_customers,
            failed_customers, missing_customers, handoff_loss_rate, handoff_loss_value, is_provisional
        from alignment.handoffs where period_kind = 'month' order by all
    """).fetchall()
    may = (6, 6, 4, 1, 1, 2, Decimal("0.666667"), Decimal(20 + 30 + 40 + 50), False)
    june = (1, 1, 1, 0, 1, 0, None, Decimal(10), False)
    december = (2, 1, 1, 0, 0, 1, None, Decimal(60), True)  # the as-of day counts as over
    assert rows == [
        (date(2026, month, 1), *stages, *told)
        for month, told in ((5, may), (6, june), (12, december))
        for stages in (("all", None), ("send", "team:carrier"))
    ]


def test_a_conflict_is_observed_where_chance_does_not_explain_it(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Of packers' speed a month later: 6 of 11 months good, 6 worse, 6 both, where chance gives 3.27."""
    rows = warehouse.sql("""
        select silo, metric, customer_metric, conflict, lag_months, paired_months, silo_good_months, customer_worse_months,
            months_in_conflict, affected_customers, affected_value, severity, why_no_severity, correlation, why_no_correlation
        from alignment.silo_metric_conflicts order by all
    """).fetchall()
    none, few, flat = (
        "no observed conflict",
        "fewer than 6 paired months",
        "one of the two changed alike in all months",
    )
    six_months = (1, 11, 6, 6, 6)
    leavers, worth = 6 * 3, Decimal(6 * 3 * 120)
    assert rows == [
        ("finance", "Speed", "lost_customers", "observed", *six_months, leavers, worth, None, "no incentive weight", 1, None),
        ("sales", "Five", "lost_customers", "none", 0, 5, 3, 3, 1, None, None, None, none, None, few),
        ("sales", "Short", "lost_value", "none", 0, 6, 6, 4, 4, None, None, None, none, None, flat),
        ("sales", "Twice", "new_customers", "none", 0, 13, 2, 2, 2, None, None, None, none, Decimal("0.847699"), None),
        ("sales", "speed", "lost_customers", "none", 0, 12, 12, 7, 7, None, None, None, none, None, flat),
        ("warehouse", "Share kept", "tickets", "none", 0, 1, 0, 1, 0, None, None, None, none, None, few),
        ("warehouse", "Speed", "lost_customers", "both", *six_months, leavers, worth, worth / 4, None, 1, None),
        ("warehouse", "Speed", "net_customers", "observed", *six_months, leavers, worth, worth / 4, None, Decimal("0.931891"), None),
        ("warehouse", "Speed", "new_customers", "structural", 0, 12, 6, 1, 0, None, None, None, none, Decimal("-0.408248"), None),
        ("warehouse", "Speed", "tickets", "observed", *six_months, None, None, None, "nobody can be named", 1, None),
    ]  # fmt: skip


def test_the_inventory_tells_whose_metric_is_what(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = {
        (kind, silo, metric): told
        for kind, silo, metric, *told in warehouse.sql("""
            select kind, silo, metric, customer_metrics, links, is_orphan, is_unowned, differing_silos, defined_otherwise_by,
                latest_month, latest_value, is_target_met, silo_metrics, orphan_metrics, orphan_metric_share
            from alignment.metric_inventory
        """).fetchall()
    }
    december, june, nothing = date(2026, 12, 1), date(2026, 6, 1), [None, None, None]
    assert found["silo_metric", "warehouse", "Speed"] == [
        "lost_customers, net_customers, new_customers, tickets", 4, False, False, 1, "sales", december, 20, False, *nothing,
    ]  # fmt: skip
    assert found["silo_metric", "sales", "speed"] == [
        "lost_customers", 1, False, True, 2, "finance", december, 5, True, *nothing,
    ]  # fmt: skip
    assert found["silo_metric", "warehouse", "Share kept"] == [
        "tickets", 1, False, False, 0, None, june, 0, False, *nothing,
    ]  # fmt: skip
    assert found["silo_metric", "warehouse", "Pack time"][-6:-3] == nothing  # no parcel takes that long
    assert found["silo_metric", "sales", "Alone"][:4] == [None, 0, True, False]
    assert found["silo_metric", "finance", "Speed"][:6] == ["lost_customers", 1, False, False, 1, "sales"]
    unowned = found["customer_metric", "one_company", "new_customers"]
    assert unowned[1:4] == [2, False, True]
    assert found["customer_metric", "one_company", "lost_customers"][1:4] == [4, False, False]
    assert found["customer_metric", "one_company", "contraction_value"][1:4] == [0, True, True]
    totals = {silo: told[-3:] for (kind, silo, _), told in found.items() if kind == "total"}
    assert totals == {
        "warehouse": [3, 1, Decimal("0.333333")], "sales": [5, 1, Decimal("0.2")], "finance": [1, 0, 0], "all": [9, 2, Decimal("0.222222")],
    }  # fmt: skip


def test_the_oracle_says_the_same(folder: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    facts, _ = facts_from_plain(folder / "exports", folder / "reference")
    measures = silos.measures(silos.read_silos(folder / "reference"))
    assert [line for measure in measures for line in measure.wrong(facts, warehouse)] == []


def test_what_lies_after_the_as_of_day_is_not_known_yet(folder: Path) -> None:
    """On 5 May parcels are on their way, and the month that runs has no value yet."""
    asked = Asked(as_of_on=date(2026, 5, 5))
    with build(
        folder / "exports", folder / "reference", folder / "earlier", asked, rooms=["alignment"]
    ) as warehouse:
        handoffs = warehouse.sql("select outcome, count(*) from waist.stage_handoff group by all").fetchall()
        assert handoffs == [("open", 6)]
        latest = "select latest_month from alignment.metric_inventory where silo = 'warehouse' and metric = 'Speed'"
        assert warehouse.sql(latest).fetchall() == [(date(2026, 4, 1),)]
        ended = "select max(month_start) from waist.customer_metric_month"
        assert warehouse.sql(ended).fetchall() == [(date(2026, 4, 1),)]


def test_without_reference_tables_there_is_nothing_to_show(folder: Path) -> None:
    with build(folder / "exports", folder / "none", folder / "without", rooms=["alignment"]) as warehouse:
        assert warehouse.sql("from alignment.handoffs").fetchall() == []
        assert warehouse.sql("from alignment.silo_metric_conflicts").fetchall() == []
        kinds = warehouse.sql("select distinct kind, is_orphan from alignment.metric_inventory").fetchall()
        assert kinds == [("customer_metric", True)]
