"""Values at and beyond every limit, in every column that has a type: the build ends well, and each record is accounted for."""

import csv
import io
import random
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from dagster_project.dbt import Dbt, StoppedByModel
from dagster_project.exports.contracts import Contract, load_contracts
from dagster_project.paths import Paths
from tests.company import build
from tests.landing_helpers import CONTRACTS
from tests.test_who_counts import write

SEEDS = range(2)
GOOD = 400  # records as they should be, of each object, so that no file is held for its odd ones
DAYS = [
    "0001-01-01",
    "1899-12-31",
    "1900-01-01",
    "1969-12-31",
    "2199-12-31",
    "2200-01-01",
    "9999-12-31",
    "10000-01-01",
    "5881580-07-11",
]
NUMBERS = [
    "0",
    "-1",
    "1",
    "1000000000",
    "1000000001",
    "2147483648",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
]
ODD = {
    "date": DAYS,
    "timestamp": [*DAYS[:-2], "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "0", "99999999999", "1e9"],
    "integer": NUMBERS,
    "minor": [*NUMBERS, "1000000000000", "1000000000001", "-1000000000001"],
    "money": ["0", "0.0001", "-5", "10000000000", "-10000000000", "10000000000.0001", "99999999999999.9999", "-99999999999999", "1e12"],
    "currency": ["EURO", "€"],
}  # fmt: skip
DAY, NEXT, MADE = "2025-01-01", "2025-02-01", "2025-01-01T00:00:00Z"
PLAIN = {
    "subscriptions": {
        "subscription_ref": "s{n}", "customer_ref": "c{n}", "starts_on": DAY, "ends_on": "", "amount": "10.00",
        "currency": "EUR", "interval": "month", "interval_count": "1", "cancel_requested_on": "",
    },
    "purchases": {"purchase_ref": "p{n}", "customer_ref": "c{n}", "purchased_on": DAY, "amount": "10.00", "currency": "EUR"},
}  # fmt: skip
STRIPE = {
    "prices": {
        "id": "p{n}", "currency": "eur", "unit_amount": "1000", "recurring_interval": "month",
        "recurring_interval_count": "1", "created": MADE,
    },
    "subscriptions": {
        "id": "sub_{n}", "customer_id": "cus_{n}", "status": "active", "start_date": MADE, "created": MADE, "cancel_at": "",
        "canceled_at": "", "ended_at": "", "trial_end": "",
    },
    "subscription_items": {
        "id": "si_{n}", "subscription_id": "sub_{n}", "price_id": "p{n}", "quantity": "1", "created": MADE,
        "current_period_end": "",
    },
    "invoices": {
        "id": "in_{n}", "customer_id": "cus_{n}", "status": "paid", "currency": "eur", "subtotal": "1000", "tax": "0",
        "total": "1000", "subtotal_excluding_tax": "1000", "total_excluding_tax": "1000", "created": MADE, "finalized_at": MADE,
    },
    "invoice_line_items": {
        "id": "il_{n}", "invoice_id": "in_{n}", "subscription_id": "sub_{n}", "subscription_item_id": "si_{n}",
        "price_id": "p{n}", "type": "subscription", "proration": "false", "amount": "1000", "amount_excluding_tax": "1000", "currency": "eur",
        "quantity": "1", "period_start": MADE, "period_end": "2025-02-01T00:00:00Z",
    },
}  # fmt: skip


CHARGEBEE = {
    "subscriptions": {
        "id": "s{n}", "customer_id": "c{n}", "status": "active", "currency_code": "EUR", "billing_period": "1",
        "billing_period_unit": "month", "plan_amount": "1000", "mrr": "1000", "start_date": "", "trial_end": "", "cancelled_at": "",
        "activated_at": MADE, "created_at": MADE, "updated_at": MADE,
    },
    "invoices": {
        "id": "i{n}", "customer_id": "c{n}", "status": "paid", "currency_code": "EUR", "date": MADE, "price_type": "tax_inclusive",
        "sub_total": "1000", "tax": "0", "total": "1000",
    },
}  # fmt: skip
HUBSPOT = {
    "deals": {
        "record_id": "d{n}",
        "deal_stage": "closedwon",
        "amount": "10.00",
        "close_date": MADE,
        "created_at": MADE,
    }
}
VENDORS = {"plain": PLAIN, "stripe": STRIPE, "chargebee": CHARGEBEE, "hubspot": HUBSPOT}


def rows_of(contract: Contract, base: dict[str, str], chance: random.Random) -> Iterator[dict[str, str]]:
    """Good rows, one row for each odd value of each column, and rows with several odd values."""
    odd = {c.name: ODD[c.data_type] for c in contract.columns if c.data_type in ODD and c.name in base}
    intervals = {
        "interval": ["day", "week", "year"],
        "recurring_interval": ["day", "week", "year"],
        "billing_period_unit": ["day", "week", "year"],
        "proration": ["true"],
    }
    odd |= {name: values for name, values in intervals.items() if name in base}
    yield from (base for _ in range(GOOD))
    yield from (base | {name: value} for name, values in odd.items() for value in values)
    for _ in range(60):
        names = chance.sample(sorted(odd), chance.randrange(1, min(4, len(odd)) + 1))
        yield base | {name: chance.choice(odd[name]) for name in names}


def exports(seed: int) -> dict[str, str]:
    chance, files = random.Random(seed), {}
    for vendor, objects in VENDORS.items():
        contracts = {contract.object: contract for contract in load_contracts(vendor)}
        for name, base in objects.items():
            file = io.StringIO()
            writer = csv.DictWriter(file, base)
            writer.writeheader()
            # one order for all objects of a vendor would put the odd ones together
            rows = list(rows_of(contracts[name], base, chance))
            chance.shuffle(rows)
            for n, row in enumerate(rows):
                writer.writerow({column: value.format(n=n) for column, value in row.items()})
            files[f"{vendor}/{name}_2025-03-01.csv"] = file.getvalue()
    return files


@pytest.mark.parametrize("seed", SEEDS)
def test_the_build_ends_well_and_each_record_is_accounted_for(seed: int, tmp_path: Path) -> None:
    files = exports(seed)
    write(tmp_path / "exports", files)
    with build(tmp_path / "exports", tmp_path / "reference", tmp_path / "home") as warehouse:
        batches = warehouse.execute(
            "select file, status, rows_in_file, rows_landed + rows_refused, rows_refused from governance.batches"
        ).fetchall()
        assert len(batches) == len(files)
        for file, status, in_file, accounted, refused in batches:
            assert status == "accepted" and in_file == accounted == files[file].count("\n") - 1, file
            assert refused > 0
        check_spans(warehouse, files)


def check_spans(warehouse: duckdb.DuckDBPyConnection, files: dict[str, str]) -> None:
    """Each plain agreement that is not refused, free or empty is a span, and has a value."""
    spans, valued, refused = (
        warehouse.execute(query).fetchall()[0][0]
        for query in (
            "select count(*) from core.revenue_span where vendor = 'plain'",
            "select count(mrr_value) from core.revenue_span where vendor = 'plain'",
            "select rows_refused from governance.batches where vendor = 'plain' and object = 'subscriptions'",
        )
    )
    none = warehouse.execute(
        "select count(*) from staging.stg_plain__recurring_lines where amount = 0 or ends_on <= starts_on"
    ).fetchall()[0][0]
    assert spans == valued == files["plain/subscriptions_2025-03-01.csv"].count("\n") - 1 - refused - none


def test_every_typed_column_is_tried() -> None:
    contracts = {(c.vendor, c.object): c for found in CONTRACTS.values() for c in found}
    for vendor, objects in VENDORS.items():
        for name, base in objects.items():
            numbers = [
                c.name
                for c in contracts[vendor, name].columns
                if c.data_type in ("money", "minor", "integer")
            ]
            assert set(numbers) - set(base) <= {"amount_paid"}, name


AGREEMENTS = "subscription_ref,customer_ref,starts_on,amount,currency,interval\n"
RATES = {
    "settings.csv": "setting,value\nreporting_currency,IDR\n",
    "fx_rate.csv": "currency,valid_from,rate\nUSD,2020-01-01,16000\n",
}


def test_amounts_at_the_limit_and_a_high_rate_have_their_values(tmp_path: Path) -> None:
    agreements = AGREEMENTS + "".join(f"s{n},c,2025-01-01,10000000000,IDR,week\n" for n in range(9))
    agreements += "d,c,2025-01-01,1000000000,IDR,day\nu,c,2025-01-01,100000000,USD,month\n"
    write(tmp_path / "exports", {"plain/subscriptions_2025-03-01.csv": agreements})
    write(tmp_path / "reference", RATES)
    with build(tmp_path / "exports", tmp_path / "reference", tmp_path / "home") as warehouse:
        ((value,),) = warehouse.execute(
            "select max(closing_value) from customer_assets.customer_math where value_basis = 'annualised'"
        ).fetchall()
    assert value == 9 * 52 * 10**10 + 365 * 10**9 + 12 * 16_000 * 10**8


@pytest.mark.parametrize(
    "agreement", ["10000000000,USD,month", "100000000,USD,week\nt,c,2025-01-01,100000000,USD,week"]
)
def test_a_value_or_a_total_that_no_table_holds_is_one_sentence(tmp_path: Path, agreement: str) -> None:
    """The agreement is within the limits, and so is the rate: it is their product, or the sum, that is not."""
    write(
        tmp_path / "exports",
        {"plain/subscriptions_2025-03-01.csv": f"{AGREEMENTS}s,c,2025-01-01,{agreement}\n"},
    )
    write(tmp_path / "reference", RATES)
    with pytest.raises(duckdb.Error) as caught:
        build(tmp_path / "exports", tmp_path / "reference", tmp_path / "home")
    check_sentence(str(caught.value))


def test_spark_says_so_in_its_own_words() -> None:
    check_sentence(
        "[NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION]  100000000000000 cannot be represented as Decimal(18, 4)."
    )


def check_sentence(said: str) -> None:
    done = SimpleNamespace(status="error", message=said, unique_id="model.ledger")
    failure = Dbt(Paths(Path(), Path(), Path()))._failure(
        [done], {"nodes": {"model.ledger": {"name": "ledger"}}}
    )
    assert isinstance(failure, StoppedByModel)
    assert str(failure).startswith("ledger: a value or a total is 100,000,000,000,000 or more")
