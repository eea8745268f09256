"""Reading JSON exports: a list of objects, an object that holds such a list, or one object per line."""

import codecs
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from dagster_project.exports.contracts import Contract, plain
from dagster_project.exports.files import RefusedFile, Source
from dagster_project.exports.header import MAXIMUM_RECORD, nearest, refuse_incomplete
from dagster_project.exports.reader import Records, Refused, printable, sql_text, write_parquet

LISTS = ("data", "results", "records", "items", "value", "rows")  # where an object holds its list
BLOCK = 1 << 20


def read_json(source: Source, encoding: str, contracts: Sequence[Contract], scratch: Path) -> Records:
    """Read a JSON file into Parquet of text. Raises RefusedFile.

    The first pass gathers the names; the second writes. Numbers keep the text they have in the file; an
    object within an object is kept as JSON, and offered as `outer_inner` too where the contract has it.
    """
    names: dict[str, int] = {}
    for _, _, value, _ in json_records(source, encoding):
        if isinstance(value, dict):
            for name in flat(value):
                names.setdefault(name, len(names))
    if not names:
        raise RefusedFile("it holds no JSON object with a name in it; export it again", 0)
    contract, found, _ = nearest(list(names), contracts)
    refuse_incomplete(contract, found, "name")
    known = {plain(name) for column in contract.columns for name in (column.name, *column.aliases)}
    kept = [name for name in names if "." not in name or plain(name.replace(".", "_")) in known]
    headers = tuple(name.replace(".", "_") for name in kept)
    parquet = scratch / "json.parquet"
    relation = f"read_parquet({sql_text(str(parquet))})"
    result = Records(contract, headers, contract.match(headers), relation, relation, 0)

    def rows() -> Iterator[tuple[int, list[str | None]]]:
        for number, line, value, text in json_records(source, encoding):
            result.in_file = number
            if isinstance(value, dict):
                values = flat(value)
                yield number, [values.get(name) for name in kept]
            else:
                result.refused.append(Refused(number, line, None, "not a JSON object", printable(text)))

    write_parquet(parquet, [f"c{index}" for index in range(len(kept))], rows())
    return result


def flat(entry: dict[str, Any]) -> dict[str, str | None]:
    """Name -> text, an inner object's names after its own and a point."""
    found: dict[str, str | None] = {}
    for name, value in entry.items():
        found[name] = as_text(value)
        if isinstance(value, dict):
            found.update({f"{name}.{inner}": as_text(part) for inner, part in value.items()})
    return found


def as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else storable(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Number):
        return value.text if isinstance(value, Number) else str(value)
    return storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def storable(text: str) -> str:
    """Text without the lone surrogates that JSON escapes can spell and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


class Number(float):
    """A number that remembers how the file spells it: a plain float would turn 0.10 into 0.1."""

    text: str

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number.text = text
        return number


DECODER = json.JSONDecoder(parse_float=Number)


def json_records(source: Source, encoding: str) -> Iterator[tuple[int, int, Any, str]]:
    """(number, physical line, value, text) of each record; the value is None where a line is no JSON."""
    with source.open() as data:
        first = data.read(BLOCK)
    start = codecs.decode(first, encoding, "replace").lstrip("\ufeff \t\r\n")
    if start.startswith("{"):
        line_end = start.find("\n")
        try:
            whole = DECODER.decode(start[: line_end if line_end >= 0 else None])
        except ValueError:
            whole = None
        is_lines = isinstance(whole, dict) and not any(isinstance(whole.get(key), list) for key in LISTS)
        if is_lines or (whole is None and line_end >= 0 and second_line_is_object(start[line_end:])):
            yield from json_lines(source, encoding)
            return
    yield from json_list(source, encoding)


def second_line_is_object(text: str) -> bool:
    try:
        return isinstance(DECODER.decode(text.lstrip().split("\n", 1)[0]), dict)
    except ValueError:
        return False


def json_lines(source: Source, encoding: str) -> Iterator[tuple[int, int, Any, str]]:
    number = 0
    for line, text in enumerate(text_lines(source, encoding), 1):
        if len(text) > MAXIMUM_RECORD:
            raise RefusedFile(f"line {line} is longer than {MAXIMUM_RECORD >> 20} MB; export it again")
        if not text.strip():
            continue
        number += 1
        try:
            yield number, line, DECODER.decode(text), text
        except (ValueError, RecursionError):
            yield number, line, None, text


def text_lines(source: Source, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape" if encoding == "utf-8" else "replace")
    pending, is_first = "", True
    with source.open() as data:
        while block := data.read(BLOCK):
            text = decoder.decode(block)
            pending += text.lstrip("\ufeff") if is_first else text
            is_first = False
            *lines, pending = pending.split("\n")
            yield from (line + "\n" for line in lines)
            if len(pending) > MAXIMUM_RECORD:
                break
    if pending:
        yield pending


def json_list(source: Source, encoding: str) -> Iterator[tuple[int, int, Any, str]]:
    """The entries of a list, one at a time; damage anywhere refuses the file, for what follows is unknown."""
    buffer, at, line, number, is_in_list = "", 0, 1, 0, False
    blocks = text_blocks(source, encoding)
    while True:
        while at < len(buffer) and buffer[at] in " \t\r\n," and (is_in_list or buffer[at] != ","):
            line += buffer[at] == "\n"
            at += 1
        try:
            if at < len(buffer) and not is_in_list:
                if buffer[at] == "[":
                    at, is_in_list = at + 1, True
                    continue
                value, _ = DECODER.raw_decode(buffer, at)
                inner = next((value[key] for key in LISTS if isinstance(value.get(key), list)), [value])
                for number, entry in enumerate(inner, 1):
                    yield number, line, entry, json.dumps(entry)
                return
            if at < len(buffer) and buffer[at] == "]":
                return
            if at < len(buffer):
                value, end = DECODER.raw_decode(buffer, at)
                if end < len(buffer):
                    number += 1
                    yield number, line, value, buffer[at:end]
                    line += buffer.count("\n", at, end)
                    at = end
                    continue
        except (ValueError, RecursionError, AttributeError):
            pass
        block = next(blocks, None)
        if block is None or len(buffer) - at > MAXIMUM_RECORD:
            raise RefusedFile(
                f"its JSON is damaged or cut off in the record that begins on line {line}; export it again"
            )
        buffer, at = buffer[at:] + block, 0


def text_blocks(source: Source, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with source.open() as data:
        while block := data.read(BLOCK):
            yield decoder.decode(block).replace("\ufeff", "")
