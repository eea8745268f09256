"""Asked for what was known on a day, the warehouse knows of no batch that was extracted later."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.settings import Asked
from tests.company import build

EXPORTS = {
    "plain/customers_2026-01-31.csv": "customer_ref,name,created_at\nc1,Alder,2026-01-02\n",
    "plain/customers_2026-03-31.csv": "customer_ref,name,created_at\nc1,Alder,2026-01-02\nc2,Birch,2026-03-02,?\n",
    "salesforce/accounts_2026-03-31.csv": "Id,Name,BillingCountry,CreatedDate\n001000000000001,Cedar,CL,2026-03-02T00:00:00Z\n",
    "plain/nothing.csv": "",
}
TOLD = {
    "batches": "select file from governance.batches order by all",
    "refused": "select file from governance.refused_rows order by all",
    "texts": "select file from restricted.refused_rows_text order by all",
    "present": "select distinct source from governance.coverage where status = 'present' order by all",
    "customers": "select source_ref from core.identity_map order by all",
}


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    for name, text in EXPORTS.items():
        file = tmp_path / "exports" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "exports"


def told(warehouse: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    return {name: [value for (value,) in warehouse.execute(query).fetchall()] for name, query in TOLD.items()}


def known_on(day: date | None, exports: Path) -> dict[str, list[str]]:
    with build(
        exports, exports.parent / "reference", exports.parent / "home", Asked(known_on=day)
    ) as warehouse:
        return told(warehouse)


@pytest.mark.parametrize(
    "day", [date(2026, 2, 15), date(2026, 3, 30)]
)  # the later is of the 31st, at midnight
def test_on_a_day_between_two_extracts_only_the_earlier_is_known(exports: Path, day: date) -> None:
    assert known_on(day, exports) == {
        "batches": [
            "plain/customers_2026-01-31.csv",
            "plain/nothing.csv",
        ],  # when nothing was written, nobody knows
        "refused": [],
        "texts": [],
        "present": ["plain"],
        "customers": ["c1"],
    }


@pytest.mark.parametrize("day", [None, date(2026, 3, 31)])
def test_of_all_batches_all_is_known(exports: Path, day: date | None) -> None:
    later = "plain/customers_2026-03-31.csv"
    assert known_on(day, exports) == {
        "batches": [
            "plain/customers_2026-01-31.csv",
            later,
            "plain/nothing.csv",
            "salesforce/accounts_2026-03-31.csv",
        ],
        "refused": [later],
        "texts": [later],
        "present": ["plain", "salesforce"],
        "customers": ["001000000000001AAA", "c1"],
    }


def test_before_the_first_extract_nothing_is_known(exports: Path) -> None:
    assert known_on(date(1900, 1, 1), exports) == {
        "batches": ["plain/nothing.csv"], "refused": [], "texts": [], "present": [], "customers": [],
    }  # fmt: skip
