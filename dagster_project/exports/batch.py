"""One new batch: an export read, measured in one pass, and written aside as what it may become."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from dagster_project.exports.contracts import Contract
from dagster_project.exports.files import Source, date_in_name
from dagster_project.exports.reader import Records, Refused, sql_text

STAMPS = 50  # of the greatest texts of a time column, how many are tried for the latest time
NUMBERS = ("money", "minor", "integer", "decimal")
MOMENTS = ("date", "timestamp", "local_timestamp")
MANY = (
    1_000_000  # rows from which on repeated keys are estimated: counting them would cost as much as reading
)
LARGEST = 1e13  # an amount beyond this is no amount


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
    connection: duckdb.DuckDBPyConnection, records: Records, modified_at: datetime
) -> tuple[Profile, datetime | None]:
    """(profile, latest moment something happened or was stamped), in one pass over the values."""
    contract, found = records.contract, records.found
    cell = {name: f'"c{index}"' for name, index in found.items()}
    required = [column for column in contract.columns if column.required and column.name in found]
    amounts = [c for c in contract.columns if c.data_type in ("money", "minor") and c.name in found]
    value_column = min(amounts, key=lambda column: not column.required).name if amounts else None
    dated = [c.name for c in contract.columns if (c.happened or c.stamp) and c.name in found]
    ranged = {
        c.name: out_of_range(cell[c.name], c.data_type)
        for c in required
        if c.data_type in (*NUMBERS, *MOMENTS)
    }
    latest_text = sql_text(f"{modified_at + timedelta(days=1):%Y-%m-%d}T~")

    is_large = records.in_file > MANY
    key = f"hash({', '.join(cell[name] for name in contract.key if name in cell)})"
    keys = f"least(approx_count_distinct({key}), count(*))" if is_large else f"count(distinct {key})"
    value = f"sum(try_cast({cell[value_column]} as double))" if value_column else "null"
    measures = ["count(*)", keys, value]
    measures += [
        f"count(*) filter ({cell[column.name]} is null or {cell[column.name]} = '')" for column in required
    ]
    measures += [f"count(*) filter ({condition})" for condition in ranged.values()]
    measures += [f"max({cell[name]}, {STAMPS}) filter ({cell[name]} <= {latest_text})" for name in dated]
    ((rows, distinct_keys, total, *rest),) = connection.execute(
        f"select {', '.join(measures)} from {records.values}"
    ).fetchall()

    counts = iter(rest)
    missing = {column.name: next(counts) for column in required}
    strange = {name: next(counts) for name in ranged}
    times = [
        moment
        for name in dated
        for text in next(counts) or []
        if (moment := utc_moment(text, records.time_zone)) and moment <= modified_at + timedelta(days=1)
    ]
    profile = Profile(rows, rows - distinct_keys, is_large, total, value_column, missing, strange)
    return profile, max(times, default=None)


def out_of_range(cell: str, data_type: str) -> str:
    """SQL: a value that is there and cannot be right. Times are compared as text: cheap, and enough."""
    if data_type in NUMBERS:
        return f"{cell} <> '' and coalesce(abs(try_cast({cell} as double)) > {LARGEST}, true)"
    return f"{cell} like '____-%' and ({cell} < '1950' or {cell} >= '2200')"


def utc_moment(text: str, time_zone: str | None) -> datetime | None:
    """A time as exports spell it (ISO, with or without time and offset; epoch seconds), in UTC; else null.

    >>> utc_moment("2026-10-31T12:00:00.000+0200", None)
    datetime.datetime(2026, 10, 31, 10, 0)
    """
    text = text.strip()
    try:
        if re.fullmatch(r"\d{9,11}", text):
            return datetime.fromtimestamp(int(text), UTC).replace(tzinfo=None)
        if not re.match(r"\d{4}-\d\d-\d\d", text):
            return None
        moment = datetime.fromisoformat(re.sub(r"\s*UTC$", "+00:00", text))
        if moment.tzinfo is None and time_zone and len(text) > 10:
            moment = moment.replace(tzinfo=ZoneInfo(time_zone))
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError):
        return None


def extract_time(source: Source, latest_inside: datetime | None) -> datetime:
    """When a file was extracted: the date in its name, else the latest moment inside, else its own time."""
    return date_in_name(source.name) or latest_inside or source.modified_at.replace(microsecond=0)


def write_aside(
    connection: duckdb.DuckDBPyConnection,
    records: Records,
    source: Source,
    batch_id: str,
    extracted_at: datetime,
    parquet: Path,
) -> int:
    """Write a batch's rows as text under their contract names; how many.

    Columns that the file lacks are left out: `contract.parquet` beside it gives readers every column. What is
    the same in every row is written as a one-value enum, which Parquet keeps as a dictionary for nothing.
    """
    taken = set(records.found.values())
    columns = [
        f'"c{records.found[c.name]}" as "{c.name}"'
        for c in records.contract.columns
        if c.name in records.found
    ]
    extra = [index for index in range(len(records.names)) if index not in taken]
    if extra:
        pairs = ", ".join(
            f'{sql_text(name)}, "c{index}"'
            for name, index in zip(extra_names(records.names, extra), extra, strict=True)
        )
        columns.append(f"cast(json_object({pairs}) as varchar) as _extra")
    if records.time_zone:
        columns.append(f"{constant(records.time_zone)} as _time_zone")
    ((rows,),) = connection.execute(
        f"""copy (
            select {", ".join(columns)}, {constant(source.system)} as _system,
                {constant(batch_id)} as _batch_id, {constant(source.file)} as _file, _record,
                timestamp '{extracted_at}' as _extracted_at
            from {records.relation}
        ) to {sql_text(str(parquet))} (format parquet, parquet_version v2, compression zstd)"""
    ).fetchall()
    return rows


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
    return f"cast({sql_text(text)} as enum ({sql_text(text)}))"
