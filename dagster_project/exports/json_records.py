"""The records of a JSON file, one after the other, in memory of one of them: whatever its layout, none is passed over.

A file is a row of JSON values: lists of records, objects that hold such a list (pages), records. Where each has a line of
its own, a broken line is refused alone; elsewhere damage refuses the file, for nobody can say what follows it.
"""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from dagster_project.exports.contracts import Contract
from dagster_project.exports.files import RefusedFile, Source
from dagster_project.exports.header import MAXIMUM_RECORD
from dagster_project.exports.reader import NOT_UTF8
from dagster_project.exports.text import is_storable, storable

LISTS = (  # where an object may hold a list of records; the last three are Zendesk's
    "data", "results", "records", "items", "value", "rows", "tickets", "users", "organizations",
)  # fmt: skip
BLOCK = 1 << 20
BLANK = " \t\r\n\ufeff"  # a file put together from others has byte order marks between its values
WHITE_SPACE = re.compile(f"[{BLANK}]*")
LONGEST_WORD = 16  # characters that hold what a cut can leave half, strings apart: -Infinity, \ud83d\ude00
NO_OBJECT = "not a JSON object"
TOO_DEEP = "nested too deeply"
CONTRADICTING = "a name in it has two different values"


@dataclass(frozen=True)
class Entry:
    """One record as it stands in the file. Its values, by name, are null where it is refused."""

    line: int
    values: dict[str, str | None] | None
    reason: str | None
    text: str


class TooLong(RefusedFile):
    """A value that is longer than a record may be, and whole as far as anybody looked."""


class Number(float):
    """A number that remembers how the file spells it: a plain float would turn 0.10 into 0.1."""

    text: str

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number.text = text
        return number


class Contradicting(dict):
    """An object with one name for different values: which of them is meant, nobody can say."""


def without_contradiction(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs) and any(value[name] != part for name, part in pairs):
        return Contradicting(value)
    return value


DECODER = json.JSONDecoder(parse_float=Number, object_pairs_hook=without_contradiction)


class Text:
    """A text with a place in it. What lies before the place is let go when more is read."""

    def __init__(self, blocks: Iterator[str], line: int = 1):
        self.blocks, self.line = blocks, line
        self.buffer, self.at = "", 0

    def next(self) -> str:
        """The next character that is not blank, up to which it goes; '' at the end."""
        while True:
            self.go_to(WHITE_SPACE.match(self.buffer, self.at).end())
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.read():
                return ""

    def skip(self, mark: str) -> None:
        if self.next() != mark:
            raise self.damaged()
        self.at += 1

    def value(self) -> tuple[Any, int]:
        """The value that stands here and its end; the place stays. Raises RefusedFile, TooLong."""
        while True:
            is_whole = False
            try:
                value, end = DECODER.raw_decode(self.buffer, self.at)
                is_whole = end < len(self.buffer)  # else a number may go on
            except RecursionError as error:
                raise RefusedFile(
                    f"the record that begins on line {self.line} is {TOO_DEEP}; export it again"
                ) from error
            except ValueError as error:
                if not is_cut(error, self.buffer):
                    raise self.damaged() from error
                value, end = None, -1
            if is_whole:
                return value, end
            if len(self.buffer) - self.at > MAXIMUM_RECORD:
                raise TooLong(
                    f"the record that begins on line {self.line} is longer than {MAXIMUM_RECORD >> 20} MB; "
                    "export it again"
                )
            if not self.read():
                if end < 0:
                    raise self.damaged()
                return value, end

    def go_to(self, end: int) -> None:
        self.line += self.buffer.count("\n", self.at, end)
        self.at = end

    def read(self) -> bool:
        """Hold about twice as much as is left; False at the end, where everything stays."""
        more = []
        wanted = len(self.buffer) - self.at
        while (not more or wanted > 0) and (block := next(self.blocks, "")):
            more.append(block)
            wanted -= len(block)
        if more:
            self.buffer, self.at = self.buffer[self.at :] + "".join(more), 0
        return bool(more)

    def damaged(self) -> RefusedFile:
        return RefusedFile(f"its JSON is damaged or cut off at line {self.line}; export it again")


def is_cut(error: ValueError, text: str) -> bool:
    """Whether a value may only lack what follows the text."""
    if not isinstance(error, json.JSONDecodeError):
        return False  # a number beyond all sense
    return error.msg.startswith("Unterminated string") or error.pos > len(text) - LONGEST_WORD


def json_entries(source: Source, encoding: str, contracts: Sequence[Contract]) -> Iterator[Entry]:
    """Every record of the file, in order. Raises RefusedFile."""
    if not has_a_value_per_line(source, encoding):
        yield from entries(Text(text_blocks(source, encoding)), contracts)
        return
    for line, text in enumerate(lines(source, encoding), 1):
        if len(text) > MAXIMUM_RECORD:
            raise RefusedFile(f"line {line} is longer than {MAXIMUM_RECORD >> 20} MB; export it again")
        if not (text := text.strip(BLANK)):
            continue
        value, reason = decoded(text)
        if reason:
            yield Entry(line, None, reason, text)
        elif isinstance(value, list) or is_page(value, contracts):
            yield from entries(Text(iter([text]), line), contracts)
        else:
            yield entry(value, line, text)


def has_a_value_per_line(source: Source, encoding: str) -> bool:
    """Told by the first line. Where that one is broken, by the second: {"data": [ begins a page, {"ref": is a cut."""
    found = (text for line in lines(source, encoding) if (text := line.strip(BLANK)))
    first = next(found, "")
    if len(first) > MAXIMUM_RECORD:
        return False
    if decoded(first)[1] != NO_OBJECT:
        return True
    if not first.startswith("{") or first.endswith("[") or decoded(next(found, ""))[1]:
        return False
    whole = Text(text_blocks(source, encoding))
    try:
        whole.next()
        whole.value()
    except RefusedFile:
        return True
    return False


def decoded(text: str) -> tuple[Any, str | None]:
    """A line's value, and why there is none."""
    try:
        return DECODER.decode(text), None
    except RecursionError:
        return None, TOO_DEEP
    except ValueError:
        return None, NO_OBJECT


def entries(text: Text, contracts: Sequence[Contract]) -> Iterator[Entry]:
    """The records of a row of values."""
    while mark := text.next():
        if mark == "[":
            yield from entries_of_list(text)
            continue
        try:
            value, end = text.value()
        except TooLong:
            if mark != "{":
                raise
            yield from entries_of_page(text)
            continue
        if is_page(value, contracts):
            yield from entries_of_page(text)
        else:
            yield passed(text, value, end)


def entries_of_list(text: Text) -> Iterator[Entry]:
    text.skip("[")
    while text.next() != "]":
        yield passed(text, *text.value())
        if text.next() != "]":
            text.skip(",")
    text.skip("]")


def entries_of_page(text: Text) -> Iterator[Entry]:
    """The records in an object's list."""
    begun, held = text.line, ""
    text.skip("{")
    while text.next() != "}":
        name, end = text.value()
        text.go_to(end)
        text.skip(":")
        if text.next() == "[" and name in LISTS:
            for found in entries_of_list(text):
                if held not in ("", name):
                    raise RefusedFile(
                        f"the object that begins on line {begun} holds two lists, '{held}' and '{name}', and nobody "
                        "can say which of them is the export; keep one"
                    )
                held = name
                yield found
        else:
            text.go_to(text.value()[1])
        if text.next() != "}":
            text.skip(",")
    text.skip("}")


def is_page(value: Any, contracts: Sequence[Contract]) -> bool:
    """Whether an object is what a list came in, and not a record that has a list."""
    if not isinstance(value, dict) or not any(isinstance(value.get(name), list) for name in LISTS):
        return False
    names = [name.replace(".", "_") for name in flat(value)]
    found = [contract.match(names) for contract in contracts]
    return all(contract.missing(names) for contract, names in zip(contracts, found, strict=True))


def passed(text: Text, value: Any, end: int) -> Entry:
    """The entry for a value at the text's place, which goes on to its end."""
    found = entry(value, text.line, text.buffer[text.at : end])
    text.go_to(end)
    return found


def entry(value: Any, line: int, text: str) -> Entry:
    if not text.isascii() and not is_storable(text):
        return Entry(line, None, NOT_UTF8, text)
    if not isinstance(value, dict):
        return Entry(line, None, NO_OBJECT, text)
    if isinstance(value, Contradicting) or any(isinstance(part, Contradicting) for part in value.values()):
        return Entry(line, None, CONTRADICTING, text)
    try:
        return Entry(line, flat(value), None, text)
    except RecursionError:
        return Entry(line, None, TOO_DEEP, text)


def flat(value: dict[str, Any]) -> dict[str, str | None]:
    """Name -> text, an inner object's names after its own and a point."""
    found: dict[str, str | None] = {}
    for name, part in value.items():
        found[name] = as_text(part)
        if isinstance(part, dict):
            found.update({f"{name}.{inner}": as_text(innermost) for inner, innermost in part.items()})
    return found


def as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else storable(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Number):
        return value.text if isinstance(value, Number) else str(value)
    return storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def lines(source: Source, encoding: str) -> Iterator[str]:
    """The lines of a file; the last one given is cut off where it is longer than any record."""
    pending = ""
    for block in text_blocks(source, encoding):
        *whole, pending = (pending + block).split("\n")
        yield from whole
        if len(pending) > MAXIMUM_RECORD:
            break
    yield pending


def text_blocks(source: Source, encoding: str) -> Iterator[str]:
    """A file's text. Bytes that are no UTF-8 stay in it as lone surrogates, to be refused by record."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape" if encoding == "utf-8" else "strict")
    try:
        with source.open() as data:
            while block := data.read(BLOCK):
                if text := decoder.decode(block):
                    yield text
            if text := decoder.decode(b"", final=True):
                yield text
    except UnicodeDecodeError as error:
        raise RefusedFile(f"it is not the {encoding.upper()} that it begins as; save it as UTF-8") from error
