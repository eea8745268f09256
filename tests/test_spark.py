"""One text, two engines: macros and models give on Spark what they give on DuckDB, odd values and odd records first."""

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project.dbt import Dbt
from dagster_project.engines.spark import register
from dagster_project.engines.spark_session import start
from dagster_project.exports.contracts import load_all_contracts, load_contracts
from dagster_project.exports.typed import type_batches
from dagster_project.paths import DBT_PROJECT, Paths
from tests import company, spark
from tests.oracles.random_company import draw_lives, write_company
from tests.stripe.landed import Landing
from tests.stripe.lives import EXTRACTED_ON, Life, export
from tests.test_staging_vendors import VENDORS, land
from tests.test_stripe_spans import land_stories

CUSTOMERS = 300
LIVES = 200
TRIED_ELSEWHERE = {"landed_rows", "stop"}  # by every model; by test_spark_dbt.py


@dataclass(frozen=True)
class Tried:
    """Macros on values: columns with their types, rows, and the calls over them by the name of their result."""

    columns: dict[str, pa.DataType]
    rows: list[tuple]
    calls: dict[str, str]


money = pa.decimal128(18, 4)
chance = random.Random(4)


def amount(digits: int = 14) -> Decimal:
    """A random amount, of any size up to so many digits before the point."""
    return Decimal(
        chance.randrange(-(10 ** chance.randrange(1, digits + 5)), 10 ** chance.randrange(1, digits + 5))
    ).scaleb(-4)


def rate() -> Decimal:
    return Decimal(chance.randrange(1, 10 ** chance.randrange(1, 12))).scaleb(-8)


AMOUNTS = [
    Decimal(text) for text in ("0", "0.0001", "-0.0001", "1", "-1", "3", "7", "0.005", "99999999999999.9999")
]
TEXTS = [
    None, "", " ", "a", "USD", "usd", "USD\n", "\nUSD", "USDX", "10", "10\n", "1", "é", "\u00a0", "\tx ", "00Q",
    "Ada@Example.COM", " ada@example.com\t", "a@b@c.de", "a b@c.de", "İ@ẞ.DE", "ΑΣ@ΟΔΟΣ.GR", "n/a", "@x.de", "a@b.", "'@\\.\"",
    "https://www.Example.com:443/about?x=1", "HTTP://example.com", "www.example.com/", "ftp:/x.y", "example", "x.y?z/a:b",
    "5003000000D8cuI", "0013000000Bc1Qx", " 0013000000Bc1Qx ", "0013000000Bc1QxAAC",
    "qualtrics/NPS_2026-11-01.csv", "a/Relationship+NPS_November 22, 2026_13.05.csv", "20261122.csv.gz", "x-20261122.json.zip",
]  # fmt: skip
JSONS = [  # whole ones: of others landing keeps none
    None, "{}", "null", "[]", "3", '{"segment": "Large"}', '{"segment": " Large "}', '{"segment": ""}', '{"segment": null}',
    '{"segment": true}', '{"segment": 12}', '{"segment": {"a": 1}}', '{"Segment": "x"}', '{"segment": "L\\u00e4rge \\"x\\" \\n"}',
    '{"a": {"segment": "inner"}}', '{"a": "x", "segment": "é\\\\"}', '{"segment": "x", "segment": "y"}', '{"segment": [1, 2]}',
]  # fmt: skip
MOMENTS = [
    datetime(2026, 3, 29, 0, 59, 59), datetime(2026, 3, 29, 1), datetime(2026, 10, 25, 0, 30), datetime(2026, 1, 1),
    datetime(2025, 12, 31, 23, 59, 59, 999999), datetime(1969, 12, 31, 23), datetime(1950, 6, 1), datetime(2030, 7, 4, 5), None,
]  # fmt: skip
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Apia"]
DAYS = [date(2024, 2, 29), date(2023, 3, 1), date(1970, 1, 1), date(1900, 2, 28), date(9999, 12, 31), None]

CASES = {
    "divide": Tried(
        {"n": money, "d": money},
        [(n, d) for n in AMOUNTS for d in AMOUNTS if abs(n) < abs(d) * 10**12 or not d]
        + [(amount(12), amount(9) + 1) for _ in range(400)]
        + [(None, Decimal(1)), (Decimal(1), None)],
        {"quotient": "{{ divide('n', 'd') }}"},
    ),
    "ratio": Tried(
        {"n": pa.int64(), "d": pa.int64()},
        [(n, d) for n in range(-3, 8) for d in range(-3, 8)] + [(None, 1), (10**9, 7)],
        {"ratio": "{{ ratio('n', 'd') }}", "quotient": "{{ whole_division('abs(n)', 'nullif(abs(d), 0)') }}"},
    ),
    "exchange": Tried(
        {"a": money, "m": pa.int64(), "b": money, "n": pa.int64()},
        [(abs(amount(12)), chance.randrange(10**5), abs(amount(12)) + 1, chance.randrange(10**5)) for _ in range(400)],
        {"exchange": "{{ divide_exact('a', 'm', 'b', 'n') }}"},
    ),
    "value": Tried(
        {"amount": money, "rate": pa.decimal128(18, 8), "every": pa.int32(), "currency": pa.string(), "unit": pa.string()},
        [
            (amount(8), rate(), chance.randrange(1, 40), currency, unit)
            for currency in ("EUR", "JPY", "KWD") for unit in ("day", "week", "month", "quarter", "year") for _ in range(40)
        ],
        {
            "mrr": "{{ value_of('amount', 'rate', 'unit', 'every', 'mrr', 'currency') }}",
            "annualised": "{{ value_of('amount', 'rate', 'unit', 'every', 'annualised', 'currency') }}",
            "amount": "{{ rounded_share('amount', 'rate', '1', '1', 'currency') }}",
            "major": "{{ minor_to_major('every', 'currency') }}",
        },
    ),
    "texts": Tried(
        {"text": pa.string()},
        [(text,) for text in TEXTS],
        {
            "lowered": "{{ lower_text('text') }}",
            "address": "{{ email_address('text') }}",
            "domain": "{{ domain_of_email(email_address('text')) }}",
            "website": "{{ domain_of_website('text') }}",
            "salesforce": "{{ salesforce_id('text') }}",
            "survey": "{{ survey_name('text') }}",
            "reference": "{{ published_ref('text') }}",
            "filled": "{{ filled('text') }}",
            "is_currency": "{{ matches('text', '[A-Z]{3}') }}",
            "is_score": "{{ matches('text', '[0-9]|10') }}",
        },
    ),
    "characters": Tried(
        {"text": pa.string()},
        # surrogates are no characters, and of what Python does not know yet engines know different letters
        [(f"{c}a{c}b{c}",) for c in map(chr, range(1, 0x110000)) if unicodedata.category(c) not in ("Cs", "Cn")],
        {"lowered": "{{ lower_text('text') }}", "filled": "{{ filled('text') }}"},
    ),
    "jsons": Tried(
        {"json": pa.string()},
        [(text,) for text in JSONS],
        {"segment": "{{ stripe_json_text('json', 'segment') }}"},
    ),
    "moments": Tried(
        {"moment": pa.timestamp("us"), "zone": pa.string()},
        [(moment, zone) for moment in MOMENTS for zone in ZONES],
        {"day": "{{ adapter.dispatch('company_day')('moment', 'zone') }}"},
    ),
    "days": Tried(
        {"day": pa.date32(), "other": pa.date32(), "number": pa.int32()},
        [(day, other, number) for day in DAYS[:4] for other in DAYS for number in (-13, -1, 0, 1, 12)],
        {
            "months_on": "{{ add_months('day', 'number') }}",
            "days_on": "{{ add_days('day', 'number') }}",
            "between": "{{ days_between('day', 'other') }}",
            "month": "{{ month_of('day') }}",
        },
    ),
    "numbers": Tried(
        {"last": pa.int32()}, [(n,) for n in (0, 1, 5, -1, -3, None)], {"each": "{{ each_number('last') }}"}
    ),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def on_spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What Spark reads when it starts. Which engine is meant, each test says itself."""
    settings = spark.environment(tmp_path_factory.mktemp("spark_conf"))
    del settings["ONE_COMPANY_TARGET"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield


def compiled(paths: Paths) -> dict[str, str]:
    """The SQL of each case as an engine gets it."""
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
        for case, sql in compiled(Paths(home, home, home)).items():
            connection.execute(
                f"create view tried.{case} as from read_parquet('{home / case / '*.parquet'}')"
            )
            by_duckdb[case] = set(connection.execute(sql).fetchall())
        paths = Paths(home, home, home, "spark")
        session = start(paths)
        session.sql("create schema tried")
        for case, sql in compiled(paths).items():
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
    for number, mrr, annualised, converted, _ in outcomes["spark"]["value"]:
        given, rate_, every, currency, unit = CASES["value"].rows[number]
        exact = Fraction(given) * Fraction(rate_)
        places = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
        assert mrr == rounded(exact * months[unit] / every, places)
        assert annualised == rounded(exact * months[unit] * 12 / every, places)
        assert converted == rounded(exact, places)


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


def odd_company(home: Path) -> Paths:
    """Random customers, random Stripe lives and every story of every vendor's staging, in one company in New York
    whose rates have eight decimals."""
    paths = Paths(home / "exports", home / "reference", home)
    write_company(draw_lives(CUSTOMERS), paths.exports, paths.reference)
    with (paths.reference / "settings.csv").open("a") as settings:
        settings.write("time_zone,America/New_York\n")
    with (paths.reference / "fx_rate.csv").open("a") as rates:
        rates.writelines(f"{currency},2010-01-01,0.87654321\n" for currency in ("USD", "JPY", "KWD", "CHF"))
        rates.write("USD,2024-05-01,1.12345679\n")
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
    return paths


def test_odd_customers_are_worth_the_same_on_both_engines(tmp_path: Path) -> None:
    paths = odd_company(tmp_path / "home")
    built = company.build_landed(paths)
    kinds = built.execute("select count(distinct movement) from customer_assets.value_movement").fetchall()[
        0
    ][0]
    vendors = built.execute("select count(distinct vendor) from core.identity_map").fetchall()[0][0]
    built.close()
    assert (kinds, vendors) == (8, 4)  # there is something to agree on
    on_spark = replace(paths, engine="spark")
    spark.build_landed(on_spark)
    assert spark.differences(paths.warehouse, on_spark.warehouse) == []
