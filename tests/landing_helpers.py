"""Small helpers of the landing tests: write exports, land them, read back what landed."""

import os
from pathlib import Path

import duckdb

from dagster_project.exports.contracts import load_all_contracts
from dagster_project.exports.landing import LandingReport, land
from dagster_project.paths import Paths

CONTRACTS = load_all_contracts()
SUBSCRIPTIONS = "subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval,cancel_reason"
OLD = 1_790_000_000  # a file time long past: nothing to wait for


class Company:
    """One company's folders, and what its landings said."""

    def __init__(self, folder: Path):
        self.paths = Paths(folder / "exports", folder / "reference", folder / "home")
        self.paths.exports.mkdir(parents=True)
        self.said: list[str] = []

    def write(self, file: str, content: str | bytes) -> Path:
        path = self.paths.exports / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (OLD, OLD))
        return path

    def land(self, policy=(), decisions=(), settle: float = 0.0) -> LandingReport:
        return land(self.paths, CONTRACTS, policy, decisions, self.said.append, settle)

    def land_one(self, file: str, content: str | bytes, **rules):
        """Write one file, land, and return its outcome."""
        self.write(file, content)
        (outcome,) = [entry for entry in self.land(**rules).files if entry.file.startswith(file)]
        return outcome

    def rows(self, vendor: str, table: str, columns: str = "*", order: str = "_file, _record") -> list[tuple]:
        """Rows of an object, or of a log table ('log', 'batches'), as dbt reads them."""
        folder = self.paths.landed(vendor, table)
        with duckdb.connect() as connection:
            files = f"read_parquet('{folder}/*.parquet', union_by_name = true)"
            return connection.execute(f"select {columns} from {files} order by {order}").fetchall()

    def log(self, columns: str = "file, status, rows_in_file, rows_landed, rows_refused") -> list[tuple]:
        return self.rows("log", "batches", columns, "file, batch_id")

    def refused(self, columns: str = "record, line, field, reason") -> list[tuple]:
        return self.rows("log", "refused_records", columns, "file, record")


def subscriptions(count: int, amount: str = "10.00", first: int = 1, end: str = "\n") -> str:
    """A good subscriptions file."""
    lines = [SUBSCRIPTIONS]
    lines += [
        f"s{number},c{number},2026-01-{number % 28 + 1:02d},,{amount},EUR,month,"
        for number in range(first, first + count)
    ]
    return end.join(lines) + end
