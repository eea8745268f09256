"""What staging makes of records of every vendor but Stripe: small stories, all built in one run of dbt.

tests/staging/landed/<vendor>/<object>.csv holds records as landing leaves them. Its `why` says what a row is there for;
`extract` is the day of its batch (its moment, where a day has several); `system`, `file` and `time_zone` may follow.
tests/staging/expected/<vendor>/<model>.csv holds what the model `stg_<vendor>__<model>` must offer. The company's days are New York's.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from dagster_project.dbt import Dbt
from dagster_project.exports.contracts import Contract, load_contracts
from dagster_project.exports.store import CONTRACT_FILE
from dagster_project.exports.typed import type_batches
from dagster_project.paths import Paths
from dagster_project.reference import Table
from dagster_project.settings import Asked, Settings, write_run_settings
from tests.company import give_parse

STORIES = Path(__file__).parent / "staging"
VENDORS = (
    "salesforce", "hubspot", "chargebee", "qualtrics", "surveymonkey", "delighted", "zendesk", "plain",
)  # fmt: skip
EXPECTED = sorted((STORIES / "expected").rglob("*.csv"))
LANDED_TYPES = {"_record": pyarrow.int64(), "_extracted_at": pyarrow.timestamp("us")}


def land(paths: Paths, contract: Contract) -> None:
    """Write one object's stories as landing writes accepted batches, one file each; without stories, its columns alone."""
    path = STORIES / "landed" / contract.vendor / f"{contract.object}.csv"
    columns = [column.name for column in contract.columns]
    batches, records = defaultdict(list), Counter()
    for story in read_csv(path):
        batch = f"{story['extract']} {story.get('system', contract.vendor)}"
        file = story.get("file", f"{contract.vendor}/{contract.object}-{story['extract']}.csv")
        records[batch] += 1
        batches[batch, file].append(
            {name: story.get(name) for name in columns}
            | {
                "_system": story.get("system", contract.vendor),
                "_batch_id": batch,
                "_file": file,
                "_record": records[batch],
                "_extracted_at": moment(story["extract"]),
                "_time_zone": story.get("time_zone") or None,
                "_wording": story.get("wording") or None,
                "_extra": None,
            }
        )
    names = [
        *columns,
        "_system",
        "_batch_id",
        "_file",
        "_record",
        "_extracted_at",
        "_time_zone",
        "_wording",
        "_extra",
    ]
    schema = pyarrow.schema([(name, LANDED_TYPES.get(name, pyarrow.string())) for name in names])
    folder = paths.landed(contract.vendor, contract.object)
    folder.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(schema.empty_table(), folder / CONTRACT_FILE)
    for number, rows in enumerate(batches.values()):
        pyarrow.parquet.write_table(
            pyarrow.Table.from_pylist(rows, schema=schema), folder / f"{number}.parquet"
        )


def moment(extract: str) -> datetime:
    """A batch's time in UTC: noon, where only its day is given."""
    return datetime.fromisoformat(extract if "T" in extract else f"{extract}T12:00")


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse with the views that staging offers."""
    home = tmp_path_factory.mktemp("staging")
    paths = Paths(exports=home / "exports", reference=home / "reference", home=home)
    for contract in load_contracts("reference"):
        Table(contract).write(paths)
    write_run_settings(paths, Settings(time_zone="America/New_York"), Asked(None, None))
    for vendor in VENDORS:
        for contract in load_contracts(vendor):
            land(paths, contract)
    type_batches(paths, {vendor: load_contracts(vendor) for vendor in VENDORS})
    give_parse(home)
    result = Dbt(paths).invoke(["run", "--select", *(f"staging.{vendor}" for vendor in VENDORS)])
    DuckDBConnectionManager.close_all_connections()
    assert result.success, result.exception or [str(r.message) for r in result.result]
    with duckdb.connect(str(paths.warehouse)) as warehouse:
        warehouse.execute("set TimeZone = 'UTC'")
        yield warehouse


def rows_of(warehouse: duckdb.DuckDBPyConnection, model: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """Header and rows, as a CSV would hold them, in a fixed order."""
    rows = warehouse.execute(f"select columns(*)::varchar from staging.{model}")
    header = [column[0] for column in rows.description]
    return header, sorted(tuple("" if value is None else value for value in row) for row in rows.fetchall())


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_it_offers_what_the_stories_say(offered, path):
    header, rows = rows_of(offered, f"stg_{path.parent.name}__{path.stem}")
    expected = read_csv(path)
    assert header == list(expected[0])
    assert rows == sorted(tuple(row.values()) for row in expected)
