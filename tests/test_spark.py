"""One text, two engines: macros and models give on Spark what they give on DuckDB, odd values and odd records first."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project.dbt import Dbt
from dagster_project.engines.spark import register
from dagster_project.engines.spark_session import start, stop
from dagster_project.exports.contracts import load_all_contracts, load_contracts
from dagster_project.exports.typed import type_batches
from dagster_project.paths import DBT_PROJECT, Paths
from dagster_project.words import money
from tests import company, spark
from tests.oracles.customer_math import Stay, months_later
from tests.oracles.random_company import draw_lives, draw_stays, write_company
from tests.oracles.rates import wilson
from tests.spark_cases import CASES, HALVED_IN_FIVE_YEARS
from tests.stripe.landed import Landing
from tests.stripe.lives import EXTRACTED_ON, Life, export
from tests.test_dbt import built, materialise, small_project, told
from tests.test_staging_vendors import VENDORS, land
from tests.test_stripe_spans import land_stories

CUSTOMERS = 300
LIVES = 200
TRIED_ELSEWHERE = {"landed_rows", "stop"}  # by every model; by test_spark_dbt.py


@pytest.fixture(scope="module", autouse=True)
def on_spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What Spark reads when it starts. Which engine is meant, each test says itself."""
    settings = spark.environment(tmp_path_factory.mktemp("spark_conf"))
    del settings["ONE_COMPANY_TARGET"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield


def compiled(engine: str) -> dict[str, str]:
    """The SQL of each case as an engine gets it."""
    company.manifest(engine)  # dbt has read the project then
    paths = Paths(company.COMPILED_FOR, company.COMPILED_FOR, company.COMPILED_FOR, engine)
    mark = "\n-- next --\n"
    texts = [
        f"select case_number, {', '.join(f'{call} as {name}' for name, call in tried.calls.items())} from tried.{case}"
        for case, tried in CASES.items()
    ]
    result = Dbt(paths).invoke(["compile", "--no-populate-cache", "--inline", mark.join(texts)])
    assert result.success, result.exception
    return dict(zip(CASES, result.result.results[0].node.compiled_code.split(mark), strict=True))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, set[tuple]]]:
    """What each case gives, by engine."""
    home = tmp_path_factory.mktemp("macros")
    for case, tried in CASES.items():
        schema = pa.schema({"case_number": pa.int64(), **tried.columns})
        rows = [dict(zip(schema.names, (number, *row), strict=True)) for number, row in enumerate(tried.rows)]
        (home / case).mkdir()
        pq.write_table(pa.Table.from_pylist(rows, schema), home / case / "values.parquet")
    by_duckdb, by_spark = {}, {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; create schema tried")
        for case, sql in compiled("duckdb").items():
            connection.execute(
                f"create view tried.{case} as from read_parquet('{home / case / '*.parquet'}')"
            )
            by_duckdb[case] = set(connection.execute(sql).fetchall())
        paths = Paths(home, home, home, "spark")
        session = start(paths)
        session.sql("create schema tried")
        for case, sql in compiled("spark").items():
            register(session, connection, f"tried.{case}", home / case)
            by_spark[case] = {tuple(row) for row in session.sql(sql).collect()}
    return {"duckdb": by_duckdb, "spark": by_spark}


@pytest.mark.parametrize("case", CASES)
def test_macros_say_the_same_on_both_engines(outcomes: dict[str, dict[str, set[tuple]]], case: str) -> None:
    rows = CASES[case].rows
    only = {
        engine: [
            (rows[row[0]], row[1:])
            for row in sorted(outcomes[engine][case] - outcomes[other][case], key=str)[:20]
        ]
        for engine, other in (("duckdb", "spark"), ("spark", "duckdb"))
    }
    assert only == {"duckdb": [], "spark": []}
    assert outcomes["duckdb"][case]


def rounded(exact: Fraction, places: int) -> Decimal:
    """Half away from zero."""
    whole = (abs(exact) * 10**places + Fraction(1, 2)).__floor__()
    return Decimal(whole if exact >= 0 else -whole).scaleb(-places)


def test_quotients_and_values_are_the_exact_ones(outcomes: dict[str, dict[str, set[tuple]]]) -> None:
    for number, quotient in outcomes["spark"]["divide"]:
        n, d = CASES["divide"].rows[number]
        expected = rounded(Fraction(n) / Fraction(d), 12) if d and n is not None else None
        assert quotient == expected, (n, d)
    for number, product, amount, share in outcomes["spark"]["products"]:
        one, other, unit_amount, quantity = CASES["products"].rows[number]
        is_known = None not in (unit_amount, quantity)
        is_billed = is_known and abs(unit_amount * quantity) <= 10**12
        assert product == Fraction(one) * Fraction(other)
        assert amount == (unit_amount * quantity if is_billed else None)
        assert share == (rounded(Fraction(abs(unit_amount), 3), 6) if is_known and quantity else None)
    for number, exchange in outcomes["spark"]["exchange"]:
        a, m, b, n = CASES["exchange"].rows[number]
        assert exchange == (rounded(Fraction(a) * m / (Fraction(b) * n), 12) if n else None), (a, m, b, n)
    months = {
        "day": Fraction(365, 12),
        "week": Fraction(52, 12),
        "month": 1,
        "quarter": Fraction(1, 3),
        "year": Fraction(1, 12),
    }
    for number, mrr, annualised, converted, major, part in outcomes["spark"]["value"]:
        given, rate_, every, currency, unit = CASES["value"].rows[number]
        exact = Fraction(given) * Fraction(rate_)
        places = {"EUR": 2, "JPY": 0, "KWD": 3, "ISK": 0, "MGA": 2}[currency]
        billed_in = {"JPY": 1, "MGA": 1, "KWD": 1000}.get(
            currency, 100
        )  # of Stripe's units, how many are a whole one
        assert major * billed_in == every
        assert mrr == rounded(exact * months[unit] / every, places)
        assert annualised == rounded(exact * months[unit] * 12 / every, places)
        assert converted == rounded(exact, places)
        assert part == rounded(exact * months[unit] * Fraction(every, 39), places)
    for number, share in outcomes["spark"]["share_of_money"]:
        given, times, parts, currency = CASES["share_of_money"].rows[number]
        places = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
        is_told = parts and given is not None
        assert share == (rounded(Fraction(given) * times / parts, places) if is_told else None)


def test_half_in_five_years_is_a_churn_of_12_94_percent_a_year(
    outcomes: dict[str, dict[str, set[tuple]]],
) -> None:
    """And not of 10: whoever loses 12.94 % a year for five years has half left, by whatever period it is reckoned."""
    found = dict(outcomes["duckdb"]["churn"])
    rows = {row: number for number, row in enumerate(CASES["churn"].rows)}
    for (kept, of), kind in zip(HALVED_IN_FIVE_YEARS, ("month", "quarter", "year"), strict=True):
        churn = found[rows[kept, of, kind]]
        assert round(churn, 4) == Decimal("0.1294") and abs((1 - churn) ** 5 - Decimal("0.5")) < Decimal(
            "1e-5"
        )


def test_a_years_churn_compounds(outcomes: dict[str, dict[str, set[tuple]]]) -> None:
    for number, churn in outcomes["duckdb"]["churn"]:
        kept, opened, kind = CASES["churn"].rows[number]
        periods = {"month": 12, "quarter": 4, "year": 1}[kind]
        exact = rounded(1 - Fraction(kept, opened) ** periods, 6) if opened else None
        assert churn == exact, (kept, opened, kind)


def test_terms_end_on_the_days_counted_one_by_one(outcomes: dict[str, dict[str, set[tuple]]]) -> None:
    found = {row[0]: row[1:3] for row in outcomes["duckdb"]["terms"]}
    for number, (anchor, unit, length, day) in enumerate(CASES["terms"].rows):
        ends = [
            anchor + timedelta(nth * length) if unit == "day" else months_later(anchor, nth * length)
            for nth in range(1, 1200)
        ]
        assert found[number] == (sum(end < day for end in ends), day in ends), (anchor, unit, length, day)


def test_money_reads_as_elsewhere(outcomes: dict[str, dict[str, set[tuple]]]) -> None:
    found = {row[0]: row[1] for row in outcomes["duckdb"]["words"]}
    for number, (amount, currency, *_) in enumerate(CASES["words"].rows):
        coin = {"USD": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}[currency]
        assert found[number] == money(abs(amount).quantize(coin, ROUND_DOWN), currency)


def test_the_bounds_of_a_share_are_wilsons(outcomes: dict[str, dict[str, set[tuple]]]) -> None:
    shares = CASES["shares"].rows
    assert outcomes["duckdb"]["shares"] == {(number, *wilson(*share)) for number, share in enumerate(shares)}


def test_of_stretches_that_overlap_the_first_come_is_kept(outcomes: dict[str, dict[str, set[tuple]]]) -> None:
    rows = CASES["stretches"].rows
    lines: dict[int, list[tuple]] = {}
    for line, starts_on, reaches_to in sorted(rows):
        kept = lines.setdefault(line, [])
        if not kept or starts_on >= kept[-1][1]:
            kept.append((starts_on, reaches_to))
    expected = {(n, (rows[n][1], rows[n][2]) in lines[rows[n][0]]) for n in range(len(rows))}
    assert outcomes["duckdb"]["stretches"] == expected


def test_every_macro_that_dispatches_is_tried() -> None:
    dispatching = {
        name
        for file in (DBT_PROJECT / "macros").glob("*.sql")
        for name in re.findall(r"adapter\.dispatch\('(\w+)'\)", file.read_text(encoding="utf-8"))
    }
    called = " ".join(call for tried in CASES.values() for call in tried.calls.values())
    assert {
        name for name in dispatching if f"{name}(" not in called and f"'{name}'" not in called
    } == TRIED_ELSEWHERE


def odd_company(home: Path) -> tuple[Paths, tuple[Stay, ...]]:
    """Random customers, some of which turn out to be one or two, random Stripe lives and every story of every vendor's
    staging, in one company in New York whose rates have eight decimals; and the stays of those customers' records."""
    paths = Paths(home / "exports", home / "reference", home)
    lives = draw_lives(CUSTOMERS)
    write_company(lives, paths.exports, paths.reference)
    with (paths.reference / "settings.csv").open("a") as settings:
        settings.write("time_zone,America/New_York\n")
    with (paths.reference / "fx_rate.csv").open("a") as rates:
        rates.writelines(
            f"{currency},2010-01-01,0.87654321\n" for currency in ("USD", "JPY", "KWD", "CHF", "MGA")
        )
        rates.write("USD,2024-05-01,1.12345679\n")
    (paths.reference / "batch_policy.csv").write_text(
        "vendor,object,is_complete\nsalesforce,accounts,true\nhubspot,companies,true\n"
    )
    landing = Landing(home, "America/New_York")
    company.land_exports(paths)
    for folder in ("utc", "new_york"):
        land_stories(landing, folder)
    for object, records in export([Life(seed) for seed in range(LIVES)]).items():
        landing.add(object, records, EXTRACTED_ON)
    for vendor in VENDORS:
        for contract in load_contracts(vendor):
            land(paths, contract)
    type_batches(paths, load_all_contracts())
    return paths, draw_stays(lives)


def test_odd_customers_are_worth_the_same_on_both_engines(tmp_path: Path) -> None:
    paths, stays = odd_company(tmp_path / "home")
    built = company.build_landed(paths, stays)
    kinds = built.execute("select count(distinct movement) from customer_assets.value_movement").fetchall()[
        0
    ][0]
    vendors = built.execute("select count(distinct vendor) from core.identity_map").fetchall()[0][0]
    states = built.execute("select count(distinct state) from governance.missing_records").fetchall()[0][0]
    built.close()
    # there is something to agree on
    assert (kinds, vendors, states) == (12, len({*VENDORS, "stripe"}), 3)
    on_spark = replace(paths, engine="spark")
    spark.build_landed(on_spark, stays)
    assert spark.differences(paths.warehouse, on_spark.warehouse) == []


@pytest.fixture
def small(tmp_path: Path) -> Dbt:
    """The five nodes of test_dbt.py."""
    return small_project(tmp_path, "spark")


def visitors_by_door(dbt: Dbt) -> list[tuple]:
    with duckdb.connect(str(dbt.paths.warehouse), read_only=True) as warehouse:
        return warehouse.execute("select door, visitors from room.door order by door").fetchall()


def test_tables_and_checks_are_told_as_with_duckdb(small: Dbt) -> None:
    yaml = small.project / "models/room/tests.yml"
    yaml.write_text(
        yaml.read_text().replace("- name: visitor\n", "- name: visitor\n    description: It's one row.\n")
    )
    result = materialise(small)
    assert result.success
    assert built(result) == {"room/visitor": 10, "room/door": 2}
    checks = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert checks == {"unique_visitor_visitor_id": True, "nobody_by_the_back_door": True}
    assert visitors_by_door(small) == [(0, 5), (1, 5)]
    with duckdb.connect(str(small.paths.warehouse), read_only=True) as warehouse:
        comments = warehouse.execute(
            "select comment from duckdb_views() where view_name = 'visitor'"
        ).fetchall()
    assert comments == [("It's one row.",)]


@pytest.mark.parametrize("materialized", ["table", "view"])
def test_a_later_process_builds_on_what_a_killed_one_left(small: Dbt, materialized: str) -> None:
    visitor = small.project / "models/room/visitor.sql"
    visitor.write_text(f"{{{{ config(materialized='{materialized}') }}}}\n{visitor.read_text()}")
    assert materialise(small).success
    stop()
    door = small.paths.spark / "tables/room/door"
    (door / "_SUCCESS").unlink()
    (door / "_temporary/0").mkdir(parents=True)
    result = materialise(small, "door")
    assert result.success and built(result) == {"room/door": 2}
    assert visitors_by_door(small) == [(0, 5), (1, 5)]


def test_what_a_model_or_a_check_objects_to_is_told(small: Dbt, monkeypatch: pytest.MonkeyPatch) -> None:
    (small.project / "macros/stop.sql").write_text((DBT_PROJECT / "macros/time.sql").read_text())
    model = """select case when count(*) > 0 then {{ stop("'Add door ' || max(door) || '.'") }} end as door
        from {{ ref('visitor') }}"""
    door = small.project / "models/room/door.sql"
    door.write_text(model)
    assert told(materialise(small)) == "Add door 1."
    door.write_text("select nothing from {{ ref('visitor') }}")
    (failure,) = materialise(small).filter_events(lambda event: event.is_step_failure)
    assert "model door: [UNRESOLVED_COLUMN" in failure.step_failure_data.error_display_string
    monkeypatch.setenv("BACK", "1")
    assert "room.visitor: check nobody_by_the_back_door fails for 5 rows." in told(materialise(small))
