"""Reading one export into text columns, with every record accounted for.

`read_file` gives the records as a relation for a DuckDB connection: one text column `c0`, `c1`, … per header
name, and `_record`. DuckDB does the reading and an independent scan of the bytes counts. A file is first taken
for clean, which most are, and read as it is written to the landing; whoever writes it compares the rows with
the count. Where they differ it is read again, thoroughly: DuckDB says what it objects to, and where that and
the scan disagree a slow, careful reader decides record by record. Where that one sees that quotes are out of
step, the file is refused.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project import sql
from dagster_project.exports.contracts import Contract
from dagster_project.exports.files import RefusedFile, Source
from dagster_project.exports.header import (
    MAXIMUM_RECORD,
    Header,
    encoding_of,
    leaves_quote_open,
    read_header,
    values_of,
)
from dagster_project.exports.scan import CR, LF, Scan, scan
from dagster_project.exports.text import is_storable
from dagster_project.sql import literal

HEAD = 1 << 20
LINE_SIZE = 2_000_000  # bytes of a record that DuckDB makes room for unless it must
BATCH = 20_000  # records the careful readers hold at a time
KEPT_TEXT = 10_000  # characters of a refused record that are kept
NOT_UTF8 = "not UTF-8"
BROKEN_QUOTES = "text around a quoted value"
GAVE_UP = (
    duckdb.InvalidInputException,
    duckdb.ConversionException,
)  # what DuckDB raises for a CSV it cannot read
REJECTS = (
    ", store_rejects = true, rejects_limit = 0, rejects_table = 'raw_errors', rejects_scan = 'raw_scans'"
)

# What DuckDB's reader objects to, in the words of the refused-records log.
REASONS = {
    "MISSING COLUMNS": "too few columns",
    "TOO MANY COLUMNS": "too many columns",
    "UNQUOTED VALUE": BROKEN_QUOTES,
    "INVALID ENCODING": NOT_UTF8,
    "LINE SIZE OVER MAXIMUM": "record too long",
}


@dataclass(frozen=True)
class Refused:
    """A record that was not landed."""

    record: int  # from 1, among the data records
    line: int  # physical line in the file, from 1
    field: str | None
    reason: str  # never holds a value
    text: str


@dataclass
class Records:
    """What a file holds: a relation of the good records, and the refused ones."""

    contract: Contract
    names: tuple[str, ...]  # header name per column c0, c1, …
    found: dict[str, int]  # contract column -> position
    relation: str  # SQL: _record and c0, c1, …
    values: str  # SQL: the same rows without their numbers, cheaper to go over
    in_file: int
    refused: list[Refused] = field(default_factory=list)
    time_zone: str | None = None
    wording: Mapping[str, str] = field(default_factory=dict)  # contract column -> what the survey asks
    is_certain: bool = True  # else going over the relation can fail, or give other rows than `in_file`


def read_file(
    source: Source,
    contracts: Sequence[Contract],
    connection: duckdb.DuckDBPyConnection,
    scratch: Path,
    thoroughly: bool = True,
) -> Records:
    """Read a file or zip member; unless `thoroughly`, a CSV is taken for clean. Raises RefusedFile.

    `scratch` is a folder for copies.
    """
    with source.open() as data:
        head = data.read(HEAD)
    encoding, mark = encoding_of(head)
    if not head[mark:].strip(b"\0 \t\r\n"):
        raise RefusedFile("it is empty, without even a header; export it again")
    text = head_text(head[mark:], encoding, is_whole=len(head) < HEAD)
    is_compressed = source.member is not None or head_is_compressed(source)
    if text.lstrip()[:1] in ("{", "["):
        from dagster_project.exports.json_reader import read_json

        return read_json(source, encoding, contracts, scratch)
    header = read_header(text, contracts)
    if encoding == "utf-8" and not is_compressed:
        path = source.path
    else:
        path, mark = scratch / "decoded.csv", 0
        decode(source, encoding, path)
    newline = CR if "\r" in text and "\n" not in text else LF
    offset = mark + len(text[: header.characters].encode("utf-8", "surrogateescape"))
    counted = scan(path, offset, header.line, newline)
    if counted.nul_line is not None:
        raise RefusedFile(
            f"line {counted.nul_line} has a NUL byte, so the file is damaged or no text; export it again",
            counted.records,
        )
    line_size = LINE_SIZE
    if LINE_SIZE < counted.longest <= MAXIMUM_RECORD:
        line_size = counted.longest + 1024
    if not thoroughly and not counted.is_quote_open and not has_mixed_ends(header, counted):
        return taken_for_clean(header, counted, csv_rows(path, header, line_size))
    loaded = load(csv_rows(path, header, line_size, REJECTS), connection, scratch / "raw.parquet")
    records = loaded and agreed(header, counted, connection, loaded)
    if records is None:
        records = read_carefully(path, offset, header, scratch / "careful.parquet")
    refuse_foreign_encoding([r.line for r in records.refused if r.reason == NOT_UTF8], records.in_file)
    return records


def head_is_compressed(source: Source) -> bool:
    with source.path.open("rb") as raw:
        return raw.read(2) == b"\x1f\x8b"


def head_text(head: bytes, encoding: str, is_whole: bool) -> str:
    """The beginning of a file as text. Bytes that are no text stay in it as lone surrogates."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape" if encoding == "utf-8" else "strict")
    try:
        text = decoder.decode(head, final=is_whole)
    except UnicodeDecodeError as error:
        raise RefusedFile(f"it is not the {encoding.upper()} that it begins as; save it as UTF-8") from error
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def decode(source: Source, encoding: str, path: Path) -> None:
    """Write the decompressed file as UTF-8 without a mark. Broken UTF-8 passes, to be refused by record."""
    with source.open() as data, path.open("wb") as out:
        if encoding == "utf-8":
            first = data.read(HEAD)
            out.write(first.removeprefix(codecs.BOM_UTF8))
            while block := data.read(HEAD):
                out.write(block)
            return
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        is_first = True
        try:
            while block := data.read(HEAD):
                text = decoder.decode(block)
                out.write((text.removeprefix("\ufeff") if is_first else text).encode())
                is_first = False
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            raise RefusedFile(
                f"it is not the {encoding.upper()} that it begins as; save it as UTF-8"
            ) from error


@dataclass(frozen=True)
class Loaded:
    """What DuckDB made of a file: the rows it took, and the records it objected to."""

    parquet: Path  # c0, c1, … in the order of the file
    rows: int
    errors: list[tuple[int, str, str | None, str]]  # first byte, kind, column, text


def csv_rows(path: Path, header: Header, line_size: int, more: str = "") -> str:
    """SQL: the rows of a CSV file. With every setting given DuckDB guesses nothing, so equal bytes read equally."""
    columns = ", ".join(f"'c{index}': 'varchar'" for index in range(len(header.names)))
    return (
        f"read_csv({sql.file_to_read(path)}, hive_partitioning = false, auto_detect = false, header = false, skip = {header.records_above}, "
        f"columns = {{{columns}}}, delim = {literal(header.delimiter)}, quote = '\"', escape = '\"', "
        "strict_mode = true, null_padding = false, nullstr = '', allow_quoted_nulls = false, "
        f"compression = 'none', max_line_size = {line_size}{more})"
    )


def taken_for_clean(header: Header, counted: Scan, rows: str) -> Records:
    """Records that are numbered as they are read: each is good, or going over them fails."""
    return Records(
        header.contract,
        header.names,
        header.found,
        f"(select row_number() over () as _record, * from {rows})",
        rows,
        counted.records,
        [],
        header.time_zone,
        header.wording,
        is_certain=False,
    )


def load(rows: str, connection: duckdb.DuckDBPyConnection, parquet: Path) -> Loaded | None:
    """Read a CSV file into Parquet, with what DuckDB objects to. None where DuckDB gives the file up."""
    try:
        ((loaded,),) = connection.execute(
            f"copy (select * from {rows}) to {literal(str(parquet))} "
            "(format parquet, parquet_version v2, compression uncompressed)"
        ).fetchall()
        errors = connection.execute(
            """select line_byte_position - 1, min_by(error_type, column_idx), min_by(column_name, column_idx),
                any_value(csv_line) from raw_errors group by all order by 1"""
        ).fetchall()
    except GAVE_UP:
        return None
    finally:
        connection.execute("drop table if exists raw_errors; drop table if exists raw_scans")
    return Loaded(parquet, loaded, errors)


def has_mixed_ends(header: Header, counted: Scan) -> bool:
    """Whether some lines end in CRLF and others do not."""
    return 0 < counted.returns < counted.line_ends or (
        counted.line_ends > 0 and (counted.returns > 0) != header.ends_with_return
    )


def agreed(
    header: Header, counted: Scan, connection: duckdb.DuckDBPyConnection, loaded: Loaded
) -> Records | None:
    """The records that DuckDB read. None where its outcome and the scan do not tell the same story."""
    place = counted.locate(start for start, *_ in loaded.errors)
    spans_lines = any("\n" in text.strip("\r\n") or "\r" in text.strip("\r\n") for *_, text in loaded.errors)
    is_short = counted.records != loaded.rows + len(loaded.errors)
    is_misjudged = any(
        judge(text, header.delimiter, len(header.names))[0] is None
        for _, kind, _, text in loaded.errors
        if kind != "INVALID ENCODING"
    )
    is_elsewhere = len(place) < len(loaded.errors)
    if (
        counted.is_quote_open
        or is_short
        or is_elsewhere
        or spans_lines
        or has_mixed_ends(header, counted)
        or is_misjudged
    ):
        return None
    refused = [
        Refused(*place[start], header_of(column, header.names), reason_of(kind), text[:KEPT_TEXT])
        for start, kind, column, text in loaded.errors
    ]
    return Records(
        header.contract,
        header.names,
        header.found,
        numbered(connection, loaded.parquet, [entry.record for entry in refused]),
        sql.parquet(loaded.parquet),
        counted.records,
        refused,
        header.time_zone,
        header.wording,
    )


def numbered(connection: duckdb.DuckDBPyConnection, parquet: Path, refused: Sequence[int]) -> str:
    """SQL for the rows of a Parquet file with their record numbers, given the ascending numbers not in it."""
    rows = sql.parquet(parquet, more=", file_row_number = true")
    if not refused:
        return f"(select file_row_number + 1 as _record, * from {rows})"
    # The k-th refused record (from 1) stands before landed row number - k (from 0) and all after that.
    steps = pa.table(
        {"landed": [n - k for k, n in enumerate(refused, 1)], "shift": list(range(1, len(refused) + 1))}
    )
    connection.register("refused_steps", steps)
    connection.execute(
        "create temp table steps as select landed, max(shift) as shift from refused_steps group by landed"
    )
    connection.unregister("refused_steps")
    return (
        f"(select raw.file_row_number + 1 + coalesce(steps.shift, 0) as _record, raw.* "
        f"from {rows} as raw asof left join steps on raw.file_row_number >= steps.landed)"
    )


def read_carefully(path: Path, offset: int, header: Header, parquet: Path) -> Records:
    """Read record by record: knows bare quotes, mixed line ends and lone returns. Raises RefusedFile.

    A bare quote alone is text (5" pipe), and a record with text around a quoted value is refused alone. Where
    a file has both, or a broken record spans lines, its quotes are out of step: then nobody can say which
    records it holds, and the file is refused.
    """
    relation = sql.parquet(parquet)
    result = Records(
        header.contract, header.names, header.found, relation, relation, 0, [], header.time_zone, header.wording
    )  # fmt: skip
    width = len(header.names)
    first_broken: int | None = None  # line of the first record with text around a quoted value
    first_odd: int | None = None  # line of the first record whose quotes do not pair up

    def rows() -> Iterator[tuple[int, list[str | None]]]:
        nonlocal first_broken, first_odd
        for number, line, lines, text in careful_records(path, offset, header):
            result.in_file = number
            reason, values = judge(text, header.delimiter, width)
            if reason == BROKEN_QUOTES:
                first_broken = first_broken or line
            if text.count('"') % 2:
                first_odd = first_odd or line
            if (first_broken and first_odd) or (reason and lines > 1):
                first = min(first_broken or line, first_odd or line)
                raise RefusedFile(
                    f"the quotes are out of step from line {first} on, so "
                    "records cannot be told apart; correct the quote there or export the file again"
                )
            if reason is None:
                yield number, [value or None for value in values]
            else:
                result.refused.append(Refused(number, line, None, reason, printable(text)))

    write_parquet(parquet, [f"c{index}" for index in range(width)], rows())
    return result


def judge(text: str, delimiter: str, width: int) -> tuple[str | None, list[str]]:
    """(why a record is refused, its values): the reason is None where it is good."""
    if not is_storable(text):
        return NOT_UTF8, []
    try:
        values = values_of(text, delimiter)
    except csv.Error:
        return BROKEN_QUOTES, []
    if len(values) == width + 1 and not values[-1]:
        values.pop()
    if len(values) < width:
        return "too few columns", []
    return ("too many columns", []) if len(values) > width else (None, values)


def careful_records(path: Path, offset: int, header: Header) -> Iterator[tuple[int, int, int, str]]:
    """(record number, first physical line, physical lines, text) of each record. Raises RefusedFile."""
    with path.open("rb") as raw:
        raw.seek(offset)
        file = io.TextIOWrapper(raw, encoding="utf-8", errors="surrogateescape", newline="")
        number, line, begin, is_open = 0, header.line - 1, header.line, False
        pending: list[str] = []
        size = 0
        while part := file.readline(MAXIMUM_RECORD + 1):
            line += 1
            size += len(part)
            if size > MAXIMUM_RECORD:
                what = "a quote that is never closed" if is_open else "a record"
                raise RefusedFile(
                    f"line {begin} begins {what} of over {MAXIMUM_RECORD >> 20} MB; correct it or export anew"
                )
            if not pending:
                begin = line
                if not part.strip("\r\n"):
                    size = 0
                    continue
            pending.append(part)
            is_open = leaves_quote_open(part, header.delimiter, is_open)
            if not is_open:
                number += 1
                yield number, begin, len(pending), "".join(pending)
                pending, size = [], 0
        if pending:
            raise RefusedFile(
                f"a quote opened in the record that begins on line {begin} is never closed, so the rest of "
                "the file cannot be told apart; it may be cut off: correct the quote or export the file again"
            )


def write_parquet(
    path: Path, columns: Sequence[str], rows: Iterator[tuple[int, Sequence[str | None]]]
) -> int:
    """Write numbered rows of text in bounded memory; how many."""
    schema = pa.schema([("_record", pa.int64()), *((column, pa.string()) for column in columns)])
    count = 0
    with pq.ParquetWriter(path, schema) as writer:
        for batch in batches(rows, BATCH):
            numbers, values = zip(*batch, strict=True)
            arrays = [
                pa.array(numbers, pa.int64()),
                *(pa.array(column, pa.string()) for column in zip(*values, strict=True)),
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(batch)
    return count


def batches(rows: Iterator, size: int) -> Iterator[list]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def refuse_foreign_encoding(lines: Sequence[int], records: int) -> None:
    """A few broken characters are refused by record; many mean that the whole file has another encoding.

    `lines` are those of the records that are not UTF-8.
    """
    if len(lines) > 1 and len(lines) * 100 > records:
        raise RefusedFile(
            f"{len(lines)} records are not UTF-8, the first on line {lines[0]}: the file seems "
            "to be in Latin-1 or Windows-1252; export it as UTF-8, or open it and save it as UTF-8",
            records,
        )


def printable(text: str) -> str:
    """A record's text as it can be stored: broken bytes shown as question marks, a long one cut."""
    return text.encode("utf-8", "replace").decode().rstrip("\r\n")[:KEPT_TEXT]


def header_of(column: str | None, names: Sequence[str]) -> str | None:
    """The header name of a column that DuckDB knows as c0, c1, …"""
    return names[int(column[1:])].strip() or None if column else None


def reason_of(kind: str) -> str:
    return REASONS.get(kind, kind.lower())
