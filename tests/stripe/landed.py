"""Stripe records straight into landing's Parquet form, and dbt's Stripe models over them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow
import pyarrow.parquet
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from dagster_project.dbt import Dbt
from dagster_project.exports.contracts import Contract, load_contracts
from dagster_project.exports.typed import type_batches
from dagster_project.paths import Paths
from dagster_project.reference import read_reference
from dagster_project.settings import Asked, Settings, write_run_settings
from tests.company import give_parse

Record = Mapping[str, str]


class Landing:
    """A home folder whose landing holds the given Stripe records."""

    def __init__(self, home: Path, time_zone: str) -> None:
        empty = home / "no_reference"
        empty.mkdir(parents=True)
        self.paths = Paths(exports=home / "exports", reference=empty, home=home)
        write_run_settings(self.paths, Settings(time_zone=time_zone), Asked())
        for table in read_reference(empty).values():
            table.write(self.paths)
        self.contracts = {contract.object: contract for contract in load_contracts("stripe")}
        for contract in self.contracts.values():
            self._write(contract, "contract", [])

    def add(self, object: str, records: Iterable[Record], extracted_on: date) -> None:
        """Land `records` of one object as a batch of their own. A record names only the columns it fills."""
        contract = self.contracts[object]
        earlier = len(list(self.paths.landed("stripe", object).glob("*.parquet")))
        batch_id = f"{object}_{earlier}"
        moment = datetime.combine(extracted_on, datetime.min.time())
        rows = []
        for number, record in enumerate(records, start=1):
            unknown = set(record) - {column.name for column in contract.columns}
            assert not unknown, f"{object} has no column {unknown}"
            own = {"_system": "stripe", "_batch_id": batch_id, "_file": f"stripe/{object}.csv"}
            rows.append({**record, **own, "_record": number, "_extracted_at": moment})
        self._write(contract, batch_id, rows)

    def _write(self, contract: Contract, name: str, rows: list[dict]) -> None:
        text = [c.name for c in contract.columns] + [
            "_system",
            "_batch_id",
            "_file",
            "_time_zone",
            "_wording",
            "_extra",
        ]
        schema = pyarrow.schema(
            [(column, pyarrow.string()) for column in text]
            + [("_record", pyarrow.int64()), ("_extracted_at", pyarrow.timestamp("us"))]
        )
        folder = self.paths.landed("stripe", contract.object)
        folder.mkdir(parents=True, exist_ok=True)
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema), folder / f"{name}.parquet")


def build(paths: Paths) -> None:
    """Build the Stripe models in this process and leave the warehouse unlocked. Raises AssertionError."""
    type_batches(paths, {"stripe": load_contracts("stripe")})
    give_parse(paths.home)
    try:
        result = Dbt(paths).invoke(["build", "--select", "path:models/staging/stripe"])
    finally:
        DuckDBConnectionManager.close_all_connections()
    failed = [f"{run.node.name}: {run.message}" for run in result.result or [] if run.failures or run.message]
    assert result.success, failed or result.exception


def by_extract(rows: Iterable[Record]) -> dict[date, list[dict[str, str]]]:
    """Rows by the day in their column `extract`, filled cells only, without that column."""
    batches = defaultdict(list)
    for row in rows:
        extracted_on = date.fromisoformat(row["extract"])
        batches[extracted_on].append({k: v for k, v in row.items() if v and k != "extract"})
    return dict(batches)


def text(moment: datetime) -> str:
    """A moment as Stripe's exports write it, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
