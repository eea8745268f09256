"""From the first bytes of a text file: its encoding, its delimiter, its header, the object it holds."""

import codecs
import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dagster_project.exports.contracts import Contract, plain
from dagster_project.exports.files import RefusedFile, spreadsheet_sentence
from dagster_project.exports.text import is_storable
from dagster_project.settings import zones

DELIMITERS = (",", ";", "\t", "|")
LOOK_FOR_HEADER_IN = 10  # records; above the header there may be titles and blank lines
ANSWER = (
    "response",
    "open-ended response",
)  # above the column of a question's answer, in a second header row
GROUP = "_nps_group"  # ends the tag of a column that Qualtrics adds to each NPS question, and to no other
A_CHOICE = re.compile(r'"ImportId"\s*:\s*"QID\d+"')  # a question; its answer in words ends in _TEXT
A_TIME = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4}|\d{9}")
MAXIMUM_RECORD = 16 << 20  # characters
csv.field_size_limit(MAXIMUM_RECORD)  # the default, 131,072, is less than a long comment

PARTS_OF_SPREADSHEETS = (b"[Content_Types].xml", b"mimetype", b"xl/", b"Index/")

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Header:
    """How a CSV file begins."""

    contract: Contract
    names: tuple[str, ...]  # as the file spells them
    found: dict[str, int]  # contract column -> position in the file
    delimiter: str
    records_above: int  # records before the first data record: titles and header rows
    line: int  # physical line of the first data record
    characters: int  # before the first data record
    ends_with_return: bool  # its last line end is CRLF
    time_zone: str | None  # where a header row names one
    wording: Mapping[str, str] = field(default_factory=dict)  # contract column -> what the survey asks


def encoding_of(head: bytes) -> tuple[str, int]:
    """(encoding, bytes of byte order mark). Raises RefusedFile for what is no text."""
    if head.startswith(b"PK\x03\x04") and not any(part in head for part in PARTS_OF_SPREADSHEETS):
        raise RefusedFile("this is a zip file under another name; let its name end in .zip")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise RefusedFile(spreadsheet_sentence())
    if head.lstrip()[:15].lower().startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"%pdf")):
        raise RefusedFile("this is a web page, XML or PDF under another name; export the data as CSV or JSON")
    for mark, encoding in BOMS:
        if head.startswith(mark):
            if encoding == "utf-32":
                raise RefusedFile("its encoding is UTF-32; save it as UTF-8")
            return encoding, len(mark)
    sample = head[:4096]
    for encoding, nuls in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if len(sample) >= 4 and nuls.count(0) > 0.8 * len(nuls):
            return encoding, 0
    return "utf-8", 0


def records_of(text: str, delimiter: str) -> Iterator[tuple[str, int]]:
    """(record with its line end, physical lines it takes); quotes open only where a field begins."""
    pending, lines, is_open = [], 0, False
    for line in physical_lines(text):
        pending.append(line)
        lines += 1
        is_open = leaves_quote_open(line, delimiter, is_open)
        if not is_open:
            yield "".join(pending), lines
            pending, lines = [], 0
    if pending:
        yield "".join(pending), lines


def physical_lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends: LF, CRLF or CR and nothing else."""
    start = 0
    while start < len(text):
        lf, cr = text.find("\n", start), text.find("\r", start)
        end = min(position for position in (lf, cr, len(text)) if position >= 0)
        end += 2 if text[end : end + 2] == "\r\n" else 1
        yield text[start:end]
        start = end


def leaves_quote_open(line: str, delimiter: str, is_open: bool) -> bool:
    """Whether a quoted field is still open at the end of a physical line.

    Unlike parity this knows that a quote inside an unquoted value (5" pipe) opens nothing.
    """
    at = 0
    while True:
        if is_open:
            at = line.find('"', at)
            if at < 0:
                return True
            if line[at + 1 : at + 2] == '"':
                at += 2
                continue
            is_open = False
        elif line[at : at + 1] == '"':
            is_open = True
            at += 1
            continue
        at = line.find(delimiter, at)
        if at < 0:
            return False
        at += 1


def values_of(record: str, delimiter: str) -> list[str]:
    """The fields of one record. Raises csv.Error where its quoting is broken."""
    rows = list(csv.reader([record], delimiter=delimiter, strict=True))
    return rows[0] if rows else []


def read_header(text: str, contracts: Sequence[Contract]) -> Header:
    """Find the header in a file's beginning and the contract it answers to.

    The contract with most columns in common is the one meant, whether or not it is complete: a subscriptions
    file that lost its amounts must not pass as a customers file. Raises RefusedFile with the nearest contract
    and what is missing.
    """
    best: tuple[tuple, Header] | None = None
    for delimiter in DELIMITERS:
        characters, line = 0, 1
        for index, (record, lines) in enumerate(records_of(text, delimiter)):
            if index == LOOK_FOR_HEADER_IN:
                break
            characters, line = characters + len(record), line + lines
            try:
                names = tuple(values_of(record, delimiter))
            except csv.Error:
                continue
            contract, found, rank = nearest(names, contracts)
            header = Header(
                contract, names, found, delimiter, index + 1, line, characters, record.endswith("\r\n"), None
            )
            if best is None or rank > best[0]:
                best = (rank, header)
    if best is None or not best[1].found:
        raise RefusedFile(none_fits("header row", contracts))
    header = best[1]
    refuse_incomplete(header.contract, header.found, "column")
    doubled = [
        name for name, index in header.found.items()
        if any(i != index and plain(n) == plain(header.names[index]) for i, n in enumerate(header.names))
    ]  # fmt: skip
    if doubled:
        raise RefusedFile(
            f"its header names the column '{header.names[header.found[doubled[0]]]}' twice (in any case); keep one"
        )
    if any("\0" in name or not is_storable(name) for name in header.names):
        raise RefusedFile(
            f"its header, above line {header.line}, has bytes that are no UTF-8 text; export it as UTF-8"
        )
    header = with_further_rows(header, text)
    refuse_other_object(header.contract, header.names, first_key(header, text))
    return header


def none_fits(what: str, contracts: Sequence[Contract]) -> str:
    known = ", ".join(contract.object for contract in contracts)
    return f"no {what} was found that fits a {contracts[0].vendor} object ({known}); export one of these, with headers in English"


def first_key(header: Header, text: str) -> str:
    """The key of the first record below the header; empty where there is none that can be read."""
    for record, _ in records_of(text[header.characters :], header.delimiter):
        try:
            cells = values_of(record, header.delimiter)
        except csv.Error:
            break
        if any(cells):
            at = header.found[header.contract.key[0]]
            return cells[at].strip() if at < len(cells) else ""
    return ""


def refuse_other_object(contract: Contract, names: Sequence[str], key: str) -> None:
    """Objects of one vendor have much in common, and those that are not read must not pass for one that is."""
    never = {plain(name) for name in contract.never}
    if known := [name for name in names if plain(name) in never]:
        raise RefusedFile(
            f"it looks like {contract.vendor} {contract.object}, which never have a column '{known[0].strip()}': it is an "
            "export of something else, which is not read; leave it out"
        )
    if key and not key.startswith(contract.id_prefix):
        begins = key[: len(contract.id_prefix)]
        raise RefusedFile(
            f"it looks like {contract.vendor} {contract.object}, whose ids begin with {contract.id_prefix}, and its first begins "
            f"with {begins}: it is an export of something else, which is not read; leave it out"
        )


def nearest(names: Sequence[str], contracts: Sequence[Contract]) -> tuple[Contract, dict[str, int], tuple]:
    """The contract with most of its columns among these names, which those are, and a rank to compare by."""

    def ranked(contract: Contract) -> tuple[tuple, Contract, dict[str, int]]:
        found = contract.match(names)
        missing = contract.missing(found)
        required = sum(column.required_in_header for column in contract.columns) - len(missing)
        return (len(found), not missing, required), contract, found

    rank, contract, found = max((ranked(contract) for contract in contracts), key=lambda entry: entry[0])
    return contract, found, (rank[1], *rank)


def refuse_incomplete(contract: Contract, found: dict[str, int], word: str) -> None:
    missing = contract.missing(found)
    plural, be, them = ("", "is", "it") if len(missing) == 1 else ("s", "are", "them")
    if missing:
        raise RefusedFile(
            f"it looks like {contract.vendor} {contract.object}, but the required {word}{plural} "
            f"{', '.join(missing)} {be} missing; export it again with {them}"
        )


def with_further_rows(header: Header, text: str) -> Header:
    """The same header past its further rows, with what they tell: a time zone, which columns a question takes, and its words.

    A row with a number for a key, or a time where times stand, is a record already: a further row may have been lost.
    """
    further, below = header, []
    records = records_of(text[header.characters :], header.delimiter)
    for _ in range(header.contract.header_rows - 1):
        record, lines = next(records, ("", 0))
        try:
            cells = values_of(record, header.delimiter)
        except csv.Error:
            cells = []
        if is_record(header, cells):
            break
        further = replace(
            further,
            names=with_options(header, cells),
            records_above=further.records_above + 1,
            line=further.line + lines,
            characters=further.characters + len(record),
            time_zone=further.time_zone or time_zone_in(cells, further.line),
        )
        below.append(cells)
    asking = replace(header, found=with_questions(header, below))
    wordings = (wording_in(asking, cells) for cells in below)
    return replace(further, found=asking.found, wording=next(filter(None, wordings), {}))


def with_questions(header: Header, below: Sequence[Sequence[str]]) -> dict[str, int]:
    """The columns found, where a survey's tags do not say what is asked: Q2 may be anything, and NPS any question.

    A question that is a choice by its import id, or NPS by its groups, is not the one that is answered in words. The one
    question with groups is NPS, and Q1 without them is not.
    """
    tags = [plain(name) for name in header.names]
    grouped = [tag.removesuffix(GROUP) for tag in tags if tag.endswith(GROUP)]
    scored = [tags.index(tag) for tag in grouped if tags.count(tag) == 1]
    choices = {
        at for cells in below for at, cell in enumerate(cells)
        if A_CHOICE.search(cell) and at < len(tags) and not tags[at].endswith("_text")
    }  # fmt: skip
    found = dict(header.found)
    if "comment" in found:
        others = ["" if at in choices.union(scored) else tag for at, tag in enumerate(tags)]
        del found["comment"]
        if (words := header.contract.match(others).get("comment")) is not None:
            found["comment"] = words
    if "q1_nps_group" not in found:
        found.pop("q1", None)
    has_nps = any(column.name == "nps" for column in header.contract.columns)
    if has_nps and "nps" not in found and len(scored) == 1 and scored[0] not in found.values():
        found["nps"] = scored[0]
    return found


def is_record(header: Header, cells: Sequence[str]) -> bool:
    """Whether what could be a further row of the header holds values already."""
    told = {name: cells[at].strip() for name, at in header.found.items() if at < len(cells)}
    times = (
        told.get(column.name, "") for column in header.contract.columns if "timestamp" in column.data_type
    )
    return told.get(header.contract.key[0], "").isdigit() or any(map(A_TIME.match, times))


def with_options(header: Header, cells: Sequence[str]) -> tuple[str, ...]:
    """The names, where a question takes several columns with the option of each.

    Only the first of them has the question above it. Raises RefusedFile where a column of the contract is such a
    question, since its answer is in any of the columns.
    """
    names = [name.strip() for name in header.names]
    options = [option.strip() for option in (*cells, *[""] * len(names))][: len(names)]
    question, found = "", list(header.names)
    for index, (name, option) in enumerate(zip(names, options, strict=True)):
        question = name or question
        is_followed = names[index + 1 : index + 2] == [""] and options[index + 1] != ""
        if not option or (name and not is_followed):
            continue
        found[index] = f"{question}: {option}"
        if index in header.found.values() and option.casefold() not in ANSWER:
            raise RefusedFile(
                f"its question '{' '.join(question.split())[:60]}' takes a column for each option, so none of them is the "
                "answer; export it with condensed columns"
            )
    return tuple(found)


def wording_in(header: Header, cells: Sequence[str]) -> dict[str, str]:
    """What each question of the contract asks: the text below its tag, else the header itself, which then is the text."""
    asked = {}
    for column in header.contract.columns:
        at = header.found.get(column.name) if column.is_question else None
        if at is not None:
            below = cells[at].strip() if at < len(cells) else ""
            asked[column.name] = header.names[at].strip() if below.casefold() in ("", *ANSWER) else below
    return asked


def time_zone_in(cells: Sequence[str], line: int) -> str | None:
    """The time zone in a row of import ids: {"ImportId": "startDate", "timeZone": "America/Denver"}; Z is UTC.

    Raises RefusedFile where nobody knows it, since then no time in the file is known.
    """
    for cell in cells:
        try:
            entry = json.loads(cell)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("timeZone"):
            zone = str(entry["timeZone"])
            if zone == "Z":
                return "UTC"
            if zone not in zones():
                raise RefusedFile(
                    f"line {line} names the time zone '{zone}', which is not known; export it in UTC or in a zone like "
                    "America/Denver"
                )
            return zone
    return None
