"""What landing keeps: batches, their log, and what was refused. Nothing becomes visible half written."""

import errno
import hashlib
import os
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.errors import UserError
from dagster_project.exports.contracts import Contract
from dagster_project.exports.reader import Refused
from dagster_project.paths import Paths

CONTRACT_FILE = "contract.parquet"
OUT_OF_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SPACE_IN_WORDS = ("No space left", "File too large", "Disk quota", "failed to offload", "temp_directory")

LANDED = pa.schema(
    [
        ("_system", pa.string()),
        ("_batch_id", pa.string()),
        ("_file", pa.string()),
        ("_record", pa.int64()),
        ("_extracted_at", pa.timestamp("us")),
        ("_time_zone", pa.string()),
        ("_extra", pa.string()),
    ]
)
BATCHES = pa.schema(
    [
        *((name, pa.string()) for name in ("batch_id", "vendor", "system", "object", "file")),
        ("extracted_at", pa.timestamp("us")),
        ("status", pa.string()),
        ("reason", pa.string()),
        *((name, pa.int64()) for name in ("rows_in_file", "rows_landed", "rows_refused", "bytes")),
    ]
)
REFUSED = pa.schema(
    [
        *((name, pa.string()) for name in ("batch_id", "vendor", "system", "object", "file")),
        ("record", pa.int64()),
        ("line", pa.int64()),
        *((name, pa.string()) for name in ("field", "reason", "record_text")),
    ]
)


class DiskFull(UserError):
    """There is no room to write."""


@dataclass(frozen=True)
class LogRow:
    """One batch in the log: `rows_in_file = rows_landed + rows_refused`, nulls where it could not be read."""

    batch_id: str
    vendor: str
    system: str
    object: str
    file: str
    extracted_at: datetime | None
    status: str  # accepted, held, refused
    reason: str | None
    rows_in_file: int | None
    rows_landed: int | None
    rows_refused: int | None
    bytes: int


@dataclass(frozen=True)
class Known:
    """A batch in the log, with the fingerprint of the rules it was decided by."""

    row: LogRow
    fingerprint: str


class Store:
    """The landing folder of one company."""

    def __init__(self, paths: Paths):
        self.paths = paths
        self.aside = paths.landing / ".aside"
        self.log = paths.landed("log", "batches")
        self.refused = paths.landed("log", "refused_records")

    def open(self, contracts: Iterable[Contract]) -> dict[str, Known]:
        """Make every folder and its zero-row contract, sweep up after a crash; the log by batch id."""
        for folder in (self.aside, self.log, self.refused):
            folder.mkdir(parents=True, exist_ok=True)
        for file in self.aside.iterdir():
            remove(file)
        place_contract(self.log, BATCHES)
        place_contract(self.refused, REFUSED)
        known = self.read_log()
        accepted = {batch_id for batch_id, entry in known.items() if entry.row.status == "accepted"}
        for contract in contracts:
            folder = self.paths.landed(contract.vendor, contract.object)
            folder.mkdir(parents=True, exist_ok=True)
            columns = [(column.name, pa.string()) for column in contract.columns]
            place_contract(folder, pa.schema([*columns, *LANDED]))
            for file in folder.glob("*.parquet"):
                if file.name != CONTRACT_FILE and file.stem not in accepted:
                    file.unlink()  # a run was killed before it wrote the log: the batch was never accepted
        for file in self.refused.glob("*.parquet"):
            if file.name != CONTRACT_FILE and file.stem not in accepted:
                file.unlink()
        return known

    def read_log(self) -> dict[str, Known]:
        """Batch id -> its row. Of a batch decided about twice, the later decision; the other is removed."""
        known: dict[str, Known] = {}
        for file in sorted(self.log.glob("*.parquet"), key=lambda file: (-file.name.count("."), file.name)):
            if file.name == CONTRACT_FILE:
                continue
            table = pq.read_table(file)
            (row,) = (LogRow(**entry) for entry in table.to_pylist())
            earlier = known.get(row.batch_id)
            known[row.batch_id] = Known(row, (table.schema.metadata or {}).get(b"decided_by", b"").decode())
            if earlier is not None:
                self.log_file(earlier.row).unlink()
        return known

    def log_file(self, row: LogRow) -> Path:
        suffix = "" if row.status == "accepted" else f".{row.status}"
        return self.log / f"{row.batch_id}{suffix}.parquet"

    def accept(self, row: LogRow, parquet: Path, refused: list[Refused], fingerprint: str) -> None:
        """Make a batch part of the landing: refused records, then its rows, then, last, its log line."""
        if refused:
            origin = {name: getattr(row, name) for name in ("batch_id", "vendor", "system", "object", "file")}
            lines = [
                origin
                | {
                    "record": r.record,
                    "line": r.line,
                    "field": r.field,
                    "reason": r.reason,
                    "record_text": r.text,
                }
                for r in refused
            ]
            self.place(pa.Table.from_pylist(lines, REFUSED), self.refused / f"{row.batch_id}.parquet")
        target = self.paths.landed(row.vendor, row.object) / f"{row.batch_id}.parquet"
        synced(parquet)
        move(parquet, target)
        self.note(row, fingerprint)

    def note(self, row: LogRow, fingerprint: str) -> None:
        """Write a batch's line in the log, in place of an earlier one with another status."""
        schema = BATCHES.with_metadata({"decided_by": fingerprint})
        self.place(pa.Table.from_pylist([asdict(row)], schema), self.log_file(row))
        for status in ("held", "refused"):
            other = self.log / f"{row.batch_id}.{status}.parquet"
            if other != self.log_file(row):
                other.unlink(missing_ok=True)

    def forget(self, row: LogRow) -> None:
        """Take back the line of a file that is now known under another batch id."""
        self.log_file(row).unlink(missing_ok=True)

    def place(self, table: pa.Table, target: Path) -> None:
        aside = self.aside / f"{hashlib.sha256(str(target).encode()).hexdigest()[:16]}.parquet"
        pq.write_table(table, aside)
        synced(aside)
        move(aside, target)


def place_contract(folder: Path, schema: pa.Schema) -> None:
    """The zero-row file that gives a folder its columns; rewritten only where they changed."""
    file = folder / CONTRACT_FILE
    if file.exists() and pq.read_schema(file).equals(schema):
        return
    aside = folder / f".{CONTRACT_FILE}"
    pq.write_table(schema.empty_table(), aside)
    synced(aside)
    move(aside, file)


def synced(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())


def move(file: Path, target: Path) -> None:
    """Rename, and see to it that the name outlives a power cut too."""
    os.replace(file, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def remove(path: Path) -> None:
    if path.is_dir():
        for inner in path.iterdir():
            remove(inner)
        path.rmdir()
    else:
        path.unlink()


@contextmanager
def room_on_disk(home: Path):
    """Turn what a full disk raises, in whichever library, into one sentence."""
    sentence = (
        f"There is no room left on the disk of {home}: free some space and run again; "
        "nothing was half written, and what was landed before stays."
    )
    try:
        yield
    except OSError as error:
        if error.errno in OUT_OF_SPACE:
            raise DiskFull(sentence) from error
        raise
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        if any(word in str(error) for word in SPACE_IN_WORDS):
            raise DiskFull(sentence) from error
        raise
