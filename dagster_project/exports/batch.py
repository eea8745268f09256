"""One new batch: an export read, written aside as what it may become, and measured."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb
import pyarrow.parquet as pq

from dagster_project import sql
from dagster_project.exports.contracts import Contract
from dagster_project.exports.files import Source, date_in_name
from dagster_project.exports.limits import FIRST_YEAR, GREATEST, LAST_YEAR
from dagster_project.exports.reader import Records, Refused
from dagster_project.exports.store import NOTE, PARQUET, noted
from dagster_project.sql import american_moment, literal, quoted

STAMPS = 50  # of the greatest texts of a time column, how many are tried for the latest time
MOMENTS = ("date", "timestamp", "local_timestamp", "account_timestamp")
MANY = (
    1_000_000  # rows from which on repeated keys are estimated: counting them would cost as much as reading
)


@dataclass(frozen=True)
class Profile:
    """What the acceptance checks judge a batch by."""

    rows: int
    repeated_keys: int  # rows whose key another row of the batch has too, but for one of each
    is_estimated: bool  # the repeated keys
    value: float | None  # sum of the object's first amount; null where it has none
    value_column: str | None
    missing: dict[str, int] = field(default_factory=dict)  # required column -> rows without a value
    out_of_range: dict[str, int] = field(
        default_factory=dict
    )  # required column -> rows with no sensible value


@dataclass(frozen=True)
class Batch:
    """A file's good records, aside, waiting to be decided about."""

    batch_id: str
    source: Source
    contract: Contract
    extracted_at: datetime  # UTC
    rows_in_file: int
    refused: list[Refused]
    profile: Profile
    parquet: Path  # aside

    @property
    def rows(self) -> int:
        return self.profile.rows


def measure(
    connection: duckdb.DuckDBPyConnection, contract: Contract, found: Collection[str], parquet: Path
) -> Profile:
    """The profile of a batch as it was written, in one pass over the columns that matter."""
    required = [column for column in contract.columns if column.required and column.name in found]
    amounts = [c for c in contract.columns if c.data_type in ("money", "minor") and c.name in found]
    value_column = min(amounts, key=lambda column: not column.required).name if amounts else None
    ranged = {
        c.name: out_of_range(quoted(c.name), c.data_type)
        for c in required
        if c.data_type in (*GREATEST, *MOMENTS)
    }
    rows = pq.read_metadata(parquet).num_rows
    key = f"hash({', '.join(quoted(name) for name in contract.key if name in found)})"
    keys = f"approx_count_distinct({key})" if rows > MANY else f"count(distinct {key})"
    value = f"sum(try_cast({quoted(value_column)} as double))" if value_column else "null"
    measures = [keys, value]
    measures += [f"count(*) - count(nullif({quoted(column.name)}, ''))" for column in required]
    measures += [f"count(*) filter ({condition})" for condition in ranged.values()]
    ((distinct_keys, total, *counts),) = connection.execute(
        f"select {', '.join(measures)} from {sql.parquet(parquet)}"
    ).fetchall()
    missing = {column.name: count for column, count in zip(required, counts, strict=False)}
    strange = dict(zip(ranged, counts[len(required) :], strict=True))
    repeated = max(rows - distinct_keys, 0)
    return Profile(rows, repeated, rows > MANY, total, value_column, missing, strange)


def out_of_range(cell: str, data_type: str) -> str:
    """SQL: a value that is there and cannot be right. Times are compared as text: cheap, and enough."""
    if data_type in GREATEST:
        return f"{cell} <> '' and coalesce(abs(try_cast({cell} as double)) > {GREATEST[data_type]}, true)"
    return f"{cell} like '____-%' and ({cell} < '{FIRST_YEAR}' or {cell} >= '{LAST_YEAR + 1}')"


def utc_moment(text: str, time_zone: str | None) -> datetime | None:
    """A time as exports spell it (ISO, with or without time and offset; epoch seconds), in UTC; else null.

    >>> utc_moment("2026-10-31T12:00:00.000+0200", None)
    datetime.datetime(2026, 10, 31, 10, 0)
    """
    text = text.strip()
    try:
        if re.fullmatch(r"\d{9,14}", text):  # thousandths have three digits more
            seconds = int(text) / (1000 if len(text) > 11 else 1)
            return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
        if not re.match(r"\d{4}-\d\d-\d\d", text):
            return None
        moment = datetime.fromisoformat(re.sub(r"\s*UTC$", "+00:00", text))
        if moment.tzinfo is None and time_zone and len(text) > 10:
            moment = moment.replace(tzinfo=ZoneInfo(time_zone))
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError):
        return None


def extract_time(connection: duckdb.DuckDBPyConnection, records: Records, source: Source) -> datetime:
    """When a file was extracted: the date in its name, or in that of the zip it lies in, else the latest moment inside, else its
    own time."""
    return (
        date_in_name(source.name)
        or date_in_name(source.path.name)
        or latest_moment(connection, records, source.modified_at)
        or source.modified_at.replace(microsecond=0)
    )


def latest_moment(
    connection: duckdb.DuckDBPyConnection, records: Records, modified_at: datetime
) -> datetime | None:
    """The latest moment something happened or was stamped, but for those after the file itself."""
    dated = [c for c in records.contract.columns if (c.happened or c.stamp) and c.name in records.found]
    if not dated:
        return None
    last = modified_at + timedelta(days=1)
    latest_text = literal(f"{last:%Y-%m-%d}T~")
    cells = [dated_cell(f"c{records.found[column.name]}", column.data_type) for column in dated]
    greatest = ", ".join(f"max({cell}, {STAMPS}) filter ({cell} <= {latest_text})" for cell in cells)
    (texts,) = connection.execute(f"select {greatest} from {records.values}").fetchall()
    moments = (utc_moment(text, records.time_zone) for text in chain.from_iterable(filter(None, texts)))
    return max((moment for moment in moments if moment and moment <= last), default=None)


def dated_cell(cell: str, data_type: str) -> str:
    """SQL: a time column's text, so that the later of two is the greater."""
    if data_type == "account_timestamp":
        return f"coalesce(strftime({american_moment(f'trim({cell})')}, '%Y-%m-%dT%H:%M:%S'), {cell})"
    return cell


def write_aside(
    connection: duckdb.DuckDBPyConnection,
    records: Records,
    source: Source,
    batch_id: str,
    extracted_at: datetime,
    parquet: Path,
) -> None:
    """Write a batch's rows as text under their contract names.

    Columns that the file lacks are left out: `contract.parquet` beside it gives readers every column. What is
    the same in every row is written as a one-value enum, which Parquet keeps as a dictionary for nothing.
    The file says of itself what the log will say of it.
    """
    note = noted(
        batch_id=batch_id,
        vendor=source.vendor,
        system=source.system,
        object=records.contract.object,
        file=source.file,
        extracted_at=extracted_at.isoformat(),
        rows_in_file=records.in_file,
        bytes=source.size,
    )
    taken = set(records.found.values())
    columns = [
        f'"c{records.found[c.name]}" as "{c.name}"'
        for c in records.contract.columns
        if c.name in records.found
    ]
    extra = [index for index in range(len(records.names)) if index not in taken]
    if extra:
        pairs = ", ".join(
            f'{literal(name)}, "c{index}"'
            for name, index in zip(extra_names(records.names, extra), extra, strict=True)
        )
        columns.append(f"cast(json_object({pairs}) as varchar) as _extra")
    if records.time_zone:
        columns.append(f"{constant(records.time_zone)} as _time_zone")
    if records.wording:
        columns.append(f"{constant(json.dumps(records.wording, ensure_ascii=False))} as _wording")
    connection.execute(
        f"""copy (
            select {", ".join(columns)}, {constant(source.system)} as _system,
                {constant(batch_id)} as _batch_id, {constant(source.file)} as _file, _record,
                timestamp '{extracted_at}' as _extracted_at
            from {records.relation}
        ) to {literal(str(parquet))} ({PARQUET}, kv_metadata {{{NOTE}: {literal(note)}}})"""
    )


def extra_names(names: tuple[str, ...], extra: list[int]) -> list[str]:
    """Names for the columns beyond the contract: one each, also where the header repeats or omits them."""
    given: dict[str, int] = {}
    for index in extra:
        name = names[index].strip() or f"column {index + 1}"
        while name in given:
            name = f"{name} ({index + 1})"
        given[name] = index
    return list(given)


def constant(text: str) -> str:
    return f"cast({literal(text)} as enum ({literal(text)}))"
