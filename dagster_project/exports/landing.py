"""The landing run: every export found is accepted, held or refused, and the log says which and why."""

import hashlib
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import astuple, dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from dagster_project import __version__, sql
from dagster_project.database import GIGABYTE, connect, limit
from dagster_project.exports.batch import Batch, extract_time, measure, write_aside
from dagster_project.exports.contracts import Contract, of_vendors
from dagster_project.exports.digests import digests_of
from dagster_project.exports.expectations import (
    BatchCheck,
    Last,
    check_batches,
    hold_reason,
    import_checks,
    limits_of,
)
from dagster_project.exports.files import RefusedFile, Source, find_sources
from dagster_project.exports.reader import GAVE_UP, Records, read_file
from dagster_project.exports.store import Known, LogRow, Store, room_on_disk
from dagster_project.exports.text import shown
from dagster_project.paths import Paths
from dagster_project.sql import quoted

AT_ONCE = 2  # files read at a time: numbering its records leaves each to one core for most of its way
MEMORY = GIGABYTE  # for DuckDB and each of them; beyond it, it spills into the landing folder


@dataclass(frozen=True)
class Landed:
    """What became of one file or zip member."""

    batch_id: str
    vendor: str
    system: str
    object: str
    file: str
    status: str  # accepted, held, refused
    reason: str | None
    rows_in_file: int | None
    rows_landed: int | None
    rows_refused: int | None
    bytes: int
    seconds: float
    is_new: bool
    checks: tuple[BatchCheck, ...] = ()


@dataclass
class LandingReport:
    """One entry per file or zip member seen."""

    files: list[Landed] = field(default_factory=list)

    @property
    def new(self) -> list[Landed]:
        return [file for file in self.files if file.is_new]


@dataclass(frozen=True)
class Rules:
    """What the reference tables say about batches: rows of batch_policy and of batch_decisions."""

    policy: Sequence[Mapping]
    decisions: Mapping[str, Mapping]

    def fingerprint(self, contracts: Iterable[Contract], vendor: str, batch_id: str) -> str:
        """Changes when a file that was held or refused deserves another look."""
        policy = sorted(str(sorted(row.items())) for row in self.policy if row["vendor"] == vendor)
        decision = self.decisions.get(batch_id, {}).get("decision")
        rules = repr((__version__, [astuple(contract) for contract in contracts], policy, decision))
        return hashlib.sha256(rules.encode()).hexdigest()[:16]


def land(
    paths: Paths,
    contracts: Mapping[str, Sequence[Contract]],
    policy: Sequence[Mapping],
    decisions: Sequence[Mapping],
    log: Callable[[str], None],
    settle: float = 2.0,
) -> LandingReport:
    """Land every export that is new. The caller holds the writer's lock. Raises DiskFull, ChecksBroken.

    `contracts` is vendor -> contracts (`load_all_contracts`); `policy` and `decisions` are rows of the
    reference tables. Bytes that were landed before cost a checksum, a file that nobody touched since not even that.
    """
    vendors = of_vendors(contracts)
    rules = Rules(policy, {row["batch_id"]: row for row in decisions})
    with room_on_disk(paths.home):
        store = Store(paths)
        known = store.open((contract for found in vendors.values() for contract in found), log)
        run = Run(store, vendors, rules, known, log)
        run.stage(find_sources(paths.exports, vendors, log, settle))
        run.decide()
        run.forget_what_is_gone()
        return LandingReport(run.done)


@dataclass
class Run:
    """The state of one landing run."""

    store: Store
    vendors: Mapping[str, tuple[Contract, ...]]
    rules: Rules
    known: dict[str, Known]
    log: Callable[[str], None]
    done: list[Landed] = field(default_factory=list)
    staged: list[tuple[Batch, float, str]] = field(default_factory=list)  # batch, seconds, digest
    seen: set[tuple[str, str, str]] = field(default_factory=set)  # vendor, system, digest of this run's files

    def stage(self, sources: Sequence[Source]) -> None:
        """Read every file whose bytes are new, some at once, and write its rows aside."""
        with ThreadPoolExecutor(AT_ONCE) as pool, ThreadPoolExecutor(1) as beside:
            digests = digests_of(sources, self.store.paths, pool)
            new = [
                (source, digest)
                for source, digest in zip(sources, digests, strict=True)
                if digest and not self.is_known(source, digest)
            ]
            if new:
                beside.submit(import_checks)
            largest_first = sorted(range(len(new)), key=lambda number: -new[number][0].size)
            reading = {number: pool.submit(self.read, *new[number]) for number in largest_first}
            for number, (source, digest) in enumerate(new):
                self.take(source, digest, reading[number])

    def take(self, source: Source, digest: str, reading: Future) -> None:
        """Keep what was read of a file for the decision, or log why it cannot be read."""
        begun = time.monotonic()
        try:
            batch, seconds = reading.result()
        except FileNotFoundError:
            return
        except RefusedFile as refusal:
            row = self.refused_row(source, digest, "", None, str(refusal), refusal.records)
            self.settle(row, self.known_as(source, digest), begun)
            return
        stat = source.path.stat()
        if stat.st_mtime != source.modified:
            self.log(f"{source.file}: changed while it was read and was left for the next run.")
            return
        self.staged.append((batch, seconds, digest))

    def is_known(self, source: Source, digest: str) -> bool:
        """Whether these bytes were met before, in this run or an earlier one, and need no other look."""
        if (source.vendor, source.system, digest) in self.seen:
            return True
        self.seen.add((source.vendor, source.system, digest))
        earlier = self.known_as(source, digest)
        if earlier is None or not self.is_settled(earlier):
            return False
        self.report(earlier.row, time.monotonic(), is_new=False)
        return True

    def read(self, source: Source, digest: str) -> tuple[Batch, float]:
        """A file as a batch aside, and the seconds it took. Raises RefusedFile."""
        begun = time.monotonic()
        parquet = self.store.aside / f"{hashlib.sha256(source.file.encode()).hexdigest()[:16]}.batch"
        with tempfile.TemporaryDirectory(dir=self.store.aside) as scratch, duckdb.connect() as connection:
            limit(connection, Path(scratch) / "spill", MEMORY, AT_ONCE)
            contracts = self.vendors.get(source.vendor, ())
            records = read_file(source, contracts, connection, Path(scratch), thoroughly=False)
            try:
                batch = write_batch(connection, source, digest, records, parquet)
                is_whole = batch.rows + len(batch.refused) == batch.rows_in_file
            except GAVE_UP:
                is_whole = False
            if not is_whole and not records.is_certain:
                records = read_file(source, contracts, connection, Path(scratch))
                batch = write_batch(connection, source, digest, records, parquet)
        if batch.rows + len(batch.refused) != batch.rows_in_file:
            raise RefusedFile(
                f"of {batch.rows_in_file} records {batch.rows} were read and {len(batch.refused)} refused",
                batch.rows_in_file,
            )
        return batch, time.monotonic() - begun

    def decide(self) -> None:
        """Check the new batches and make the good ones part of the landing, the oldest extract first.

        Each is compared with the one before it, so they go in rounds: one batch of every object at a time.
        """
        queues: dict[tuple[str, str, str], list] = defaultdict(list)
        for entry in sorted(self.staged, key=lambda entry: (entry[0].extracted_at, entry[0].batch_id)):
            batch = entry[0]
            queues[batch.source.vendor, batch.source.system, batch.contract.object].append(entry)
        while queues:
            entries = [queue.pop(0) for queue in queues.values()]
            batches = [batch for batch, _, _ in entries]
            lasts = {batch.batch_id: self.last_before(batch) for batch in batches}
            limits = {batch.batch_id: limits_of(self.rules.policy, batch.contract) for batch in batches}
            checks = check_batches(batches, lasts, limits)
            for batch, seconds, digest in entries:
                self.close(batch, checks[batch.batch_id], seconds, digest)
            queues = {key: queue for key, queue in queues.items() if queue}

    def close(self, batch: Batch, checks: list[BatchCheck], seconds: float, digest: str) -> None:
        """Accept, hold or refuse one batch."""
        begun = time.monotonic() - seconds
        decision = self.rules.decisions.get(batch.batch_id, {})
        reason = hold_reason(batch, checks)
        earlier = self.known_as(batch.source, digest)
        if decision.get("decision") == "refuse":
            reason = f"refused by {decision['decided_by']} on {decision['decided_on']}: {decision['why']}"
            row = self.refused_row(
                batch.source, digest, batch.contract.object, batch.extracted_at, reason, batch.rows_in_file
            )
        elif reason and decision.get("decision") != "accept":
            row = self.row(batch, "held", reason)
        else:
            self.accept(batch, begun, checks, earlier)
            return
        batch.parquet.unlink()
        self.settle(row, earlier, begun, checks)

    def accept(self, batch: Batch, begun: float, checks: list[BatchCheck], earlier: Known | None) -> None:
        row = self.row(batch, "accepted", None)
        fingerprint = self.fingerprint(row)
        self.store.accept(row, batch.parquet, batch.refused, fingerprint)
        self.remember(row, fingerprint, earlier)
        self.report(row, begun, True, checks)

    def settle(
        self, row: LogRow, earlier: Known | None, begun: float, checks: Sequence[BatchCheck] = ()
    ) -> None:
        """Log a batch that was held or refused."""
        fingerprint = self.fingerprint(row)
        is_new = earlier is None or earlier.row != row
        self.store.note(row, fingerprint)
        self.remember(row, fingerprint, earlier)
        self.report(row, begun, is_new, checks)

    def remember(self, row: LogRow, fingerprint: str, earlier: Known | None) -> None:
        if earlier and earlier.row.batch_id != row.batch_id:
            self.store.forget(earlier.row)
            del self.known[earlier.row.batch_id]
        self.known[row.batch_id] = Known(row, fingerprint)

    def forget_what_is_gone(self) -> None:
        """What is no file of a system (a folder of no vendor, a broken link) is told of while it is there."""
        there = {file.batch_id for file in self.done}
        for entry in [entry for batch_id, entry in self.known.items() if batch_id not in there]:
            if not entry.row.system:
                self.store.forget(entry.row)
                del self.known[entry.row.batch_id]

    def fingerprint(self, row: LogRow) -> str:
        return self.rules.fingerprint(self.vendors.get(row.vendor, ()), row.vendor, row.batch_id)

    def known_as(self, source: Source, digest: str) -> Known | None:
        """The log's line for these bytes, whichever object they were taken for."""
        objects = ["", *(contract.object for contract in self.vendors.get(source.vendor, ()))]
        found = (self.known.get(batch_id_of(source, name, digest)) for name in objects)
        return next((entry for entry in found if entry), None)

    def is_settled(self, earlier: Known) -> bool:
        """An accepted batch stays so; another is looked at again when a rule about it changed."""
        return earlier.row.status == "accepted" or earlier.fingerprint == self.fingerprint(earlier.row)

    def last_before(self, batch: Batch) -> Last | None:
        """The accepted batch of the same object whose extract is the last one before this batch's."""
        rows = [
            entry.row
            for entry in self.known.values()
            if entry.row.status == "accepted"
            and (entry.row.vendor, entry.row.system, entry.row.object)
            == (batch.source.vendor, batch.source.system, batch.contract.object)
            and entry.row.extracted_at < batch.extracted_at
        ]
        if not rows:
            return None
        row = max(rows, key=lambda row: (row.extracted_at, row.batch_id))
        column = batch.profile.value_column
        parquet = self.store.paths.landed(row.vendor, row.object) / f"{row.batch_id}.parquet"
        return Last(row.rows_landed, sum_of(parquet, column) if column else None)

    def row(self, batch: Batch, status: str, reason: str | None) -> LogRow:
        landed = batch.rows if status == "accepted" else 0
        source = batch.source
        return LogRow(
            batch.batch_id, source.vendor, source.system, batch.contract.object, source.file,
            batch.extracted_at, status, reason, batch.rows_in_file, landed,
            batch.rows_in_file - landed, source.size,
        )  # fmt: skip

    def refused_row(
        self,
        source: Source,
        digest: str,
        name: str,
        extracted_at: datetime | None,
        reason: str,
        records: int | None,
    ) -> LogRow:
        return LogRow(
            batch_id_of(source, name, digest), source.vendor, source.system, name, source.file, extracted_at,
            "refused", f"Refused: {shown(reason)}.", records, None if records is None else 0, records, source.size,
        )  # fmt: skip

    def report(self, row: LogRow, begun: float, is_new: bool, checks: Sequence[BatchCheck] = ()) -> None:
        seconds = time.monotonic() - begun
        self.done.append(
            Landed(
                row.batch_id,
                row.vendor,
                row.system,
                row.object,
                row.file,
                row.status,
                row.reason,
                row.rows_in_file,
                row.rows_landed,
                row.rows_refused,
                row.bytes,
                seconds,
                is_new,
                tuple(checks),
            )
        )
        if is_new and row.status == "accepted":
            refused = f", {row.rows_refused:,} refused" if row.rows_refused else ""
            self.log(
                f"{row.file}: {row.rows_landed:,} {row.vendor} {row.object} landed{refused} ({seconds:.1f} s)"
            )
        elif is_new:
            self.log(f"{row.file}: {row.reason}")


def write_batch(
    connection: duckdb.DuckDBPyConnection, source: Source, digest: str, records: Records, parquet: Path
) -> Batch:
    """Write a file's records aside and measure them."""
    extracted_at = extract_time(connection, records, source)
    batch_id = batch_id_of(source, records.contract.object, digest)
    write_aside(connection, records, source, batch_id, extracted_at, parquet)
    return Batch(
        batch_id,
        source,
        records.contract,
        extracted_at,
        records.in_file,
        records.refused,
        measure(connection, records.contract, records.found, parquet),
        parquet,
    )


def batch_id_of(source: Source, name: str, digest: str) -> str:
    """Equal bytes of one system are one batch, under whatever file name they come."""
    return hashlib.sha256(f"{source.vendor}/{source.system}/{name}/{digest}".encode()).hexdigest()[:20]


def sum_of(parquet: Path, column: str) -> float | None:
    """The sum of a text column's numbers in a landed batch; null where it has no such column."""
    if column not in pq.read_schema(parquet).names:
        return None
    with connect() as connection:
        query = f"select sum(try_cast({quoted(column)} as double)) from {sql.parquet(parquet)}"
        return connection.execute(query).fetchall()[0][0]
