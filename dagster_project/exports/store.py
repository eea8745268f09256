"""What landing keeps: batches, their log, and what was refused. Nothing becomes visible half written."""

import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.disk import no_room
from dagster_project.errors import UserError
from dagster_project.exports.contracts import Contract
from dagster_project.exports.reader import Refused
from dagster_project.paths import Paths
from dagster_project.words import count

FORMAT = 1  # of the landing; a version that changes what its files mean raises it
NOTE = "batch"  # in the metadata of a batch: what the log says of it, as JSON
CONTRACT_FILE = "contract.parquet"
# How batches are written, landed or typed: a column's texts mostly repeat often, or not at all, and nobody looks one up.
PARQUET = "format parquet, parquet_version v2, compression zstd, write_bloom_filter false, dictionary_size_limit 1000"
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
        ("_wording", pa.string()),
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


class LandingBroken(UserError):
    """The landing is not what a run left there."""


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

    def open(self, contracts: Iterable[Contract], say: Callable[[str], None]) -> dict[str, Known]:
        """Make every folder and its zero-row contract, sweep up after a crash; the log by batch id.

        Raises LandingBroken where batches are gone, or nobody can say what they are.
        """
        for folder in (self.aside, self.log, self.refused):
            folder.mkdir(parents=True, exist_ok=True)
        for file in self.aside.iterdir():
            remove(file)
        place_contract(self.log, BATCHES)
        place_contract(self.refused, REFUSED)
        known = self.read_log()
        contracts = tuple(contracts)
        for contract in contracts:
            folder = self.paths.landed(contract.vendor, contract.object)
            folder.mkdir(parents=True, exist_ok=True)
            columns = [(column.name, pa.string()) for column in contract.columns]
            place_contract(folder, pa.schema([*columns, *LANDED]))
        there = {
            (contract.vendor, contract.object): batches_in(
                self.paths.landed(contract.vendor, contract.object)
            )
            for contract in contracts
        }
        self.miss_none(known, there)
        self.log_again(known, [file for found in there.values() for file in found.values()], say)
        for file in batches_in(self.refused).values():
            if not is_accepted(known, file.stem):
                file.unlink()  # a run was killed before it accepted the batch, which will be landed again
        return known

    def miss_none(self, known: Mapping[str, Known], there: Mapping[tuple[str, str], Mapping]) -> None:
        """Raises LandingBroken where the log has a batch that is not there: every number would lack it silently."""
        gone = [
            entry.row
            for batch_id, entry in known.items()
            if entry.row.status == "accepted"
            and batch_id not in there.get((entry.row.vendor, entry.row.object), (batch_id,))
        ]
        if gone:
            first = self.paths.landed(gone[0].vendor, gone[0].object) / f"{gone[0].batch_id}.parquet"
            raise LandingBroken(
                f"The landing lacks {count(len(gone), 'file')} that its log {self.log} names, first {first} (from "
                f"{gone[0].file}): restore the landing from its backup; or delete the log's file of that name, and its "
                "export is landed again where it is still there."
            )

    def log_again(self, known: dict[str, Known], files: Sequence[Path], say: Callable[[str], None]) -> None:
        """Log the batches that the log has not, for a killed run, or a lost log, from what they say of themselves.

        What says nothing is put away, and never deleted. Raises LandingBroken where the whole log is gone with it.
        """
        unlogged = [file for file in files if not is_accepted(known, file.stem)]
        rows = {file: row_in(file) for file in unlogged}
        strange = [file for file, row in rows.items() if row is None]
        if strange and not known:
            raise LandingBroken(
                f"The log {self.log} is empty, and nothing else tells where {count(len(strange), 'file')} of the landing "
                f"came from, first {strange[0]}: restore the log from its backup, or move what was landed away."
            )
        for row in filter(None, rows.values()):
            self.note(row, "")
            known[row.batch_id] = Known(row, "")
        if again := len(unlogged) - len(strange):
            say(
                f"{count(again, 'file')} of the landing had no entry in its log, and logged what it says of itself."
            )
        for file in strange:
            lost = self.paths.landing / "lost" / file.parent.parent.name / file.parent.name / file.name
            lost.parent.mkdir(parents=True, exist_ok=True)
            move(file, lost)
            say(f"{lost}: put away there, because neither the log nor the file itself tells what it is.")

    def read_log(self) -> dict[str, Known]:
        """Batch id -> its row. Of a batch decided about twice, the later decision; the other is removed."""
        known: dict[str, Known] = {}
        for file in sorted(self.log.glob("*.parquet"), key=lambda file: (-file.name.count("."), file.name)):
            if file.name == CONTRACT_FILE:
                continue
            row, fingerprint = log_row_in(file)
            earlier = known.get(row.batch_id)
            known[row.batch_id] = Known(row, fingerprint)
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
        schema = BATCHES.with_metadata({"decided_by": fingerprint, "format": str(FORMAT)})
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


def noted(**facts: object) -> str:
    """What a batch says of itself."""
    return json.dumps({"format": FORMAT, **facts})


def batches_in(folder: Path) -> dict[str, Path]:
    return {file.stem: file for file in sorted(folder.glob("*.parquet")) if file.name != CONTRACT_FILE}


def is_accepted(known: Mapping[str, Known], batch_id: str) -> bool:
    return batch_id in known and known[batch_id].row.status == "accepted"


def log_row_in(file: Path) -> tuple[LogRow, str]:
    """A file of the log: its row, and the fingerprint it was decided by. Raises LandingBroken."""
    try:
        table = pq.read_table(file)
        metadata = table.schema.metadata or {}
        if (known := metadata.get(b"format", b"1").decode()) != str(FORMAT):
            raise LandingBroken(
                f"{file} has format {known}, and this version of the project knows format {FORMAT} only: run the "
                "version that wrote it."
            )
        (row,) = table.select(BATCHES.names).to_pylist()
    except (pa.ArrowInvalid, OSError, KeyError, ValueError) as error:
        raise LandingBroken(
            f"{file} cannot be read: restore it from the backup of the landing, or delete it; a batch that was accepted "
            "then logs itself again, and another is decided about again."
        ) from error
    return LogRow(**row), metadata.get(b"decided_by", b"").decode()


def row_in(file: Path) -> LogRow | None:
    """The row of the log that a batch itself tells; null where it tells none."""
    try:
        metadata = pq.read_metadata(file)
        note = json.loads((metadata.metadata or {})[NOTE.encode()])
        if note.pop("format") != FORMAT or note["batch_id"] != file.stem:
            return None
        extracted_at = datetime.fromisoformat(note.pop("extracted_at"))
        landed, refused = metadata.num_rows, note["rows_in_file"] - metadata.num_rows
        return LogRow(
            **note,
            extracted_at=extracted_at,
            status="accepted",
            reason=None,
            rows_landed=landed,
            rows_refused=refused,
        )
    except (pa.ArrowInvalid, OSError, KeyError, ValueError, TypeError):
        return None


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
    sentence = no_room(home)
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
