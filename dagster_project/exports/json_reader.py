"""Reading JSON exports into text columns, as `read_file` does for CSV."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from dagster_project import sql
from dagster_project.exports.contracts import Contract, plain
from dagster_project.exports.files import RefusedFile, Source
from dagster_project.exports.header import nearest, none_fits, refuse_incomplete, refuse_other_object
from dagster_project.exports.json_records import json_entries
from dagster_project.exports.reader import (
    NOT_UTF8,
    Records,
    Refused,
    printable,
    refuse_foreign_encoding,
    write_parquet,
)


def read_json(source: Source, encoding: str, contracts: Sequence[Contract], scratch: Path) -> Records:
    """Read a JSON file into Parquet of text. Raises RefusedFile.

    The first pass gathers the names; the second writes. Numbers keep the text they have in the file; an
    object within an object is kept as JSON, and offered as `outer_inner` too where the contract has it.
    """
    names: dict[str, int] = {}
    foreign: list[int] = []
    count, first_refused, first = 0, None, {}
    for entry in json_entries(source, encoding, contracts):
        count += 1
        if entry.reason == NOT_UTF8:
            foreign.append(entry.line)
        first_refused = first_refused or (entry.reason and f", on line {entry.line}: {entry.reason}")
        first = first or entry.values or {}
        for name in entry.values or ():
            names.setdefault(name, len(names))
    refuse_foreign_encoding(foreign, count)
    if not names:
        raise RefusedFile(
            f"it holds no JSON object with a name in it{first_refused or ''}; export it again", count
        )
    contract, found, _ = nearest([name.replace(".", "_") for name in names], contracts)
    if not found:
        raise RefusedFile(none_fits("name", contracts), count)
    refuse_incomplete(contract, found, "name")
    key = first.get(list(names)[found[contract.key[0]]]) or ""
    refuse_other_object(contract, list(names), key.strip())
    known = {plain(name) for column in contract.columns for name in (column.name, *column.aliases)}
    kept = [name for name in names if "." not in name or plain(name.replace(".", "_")) in known]
    headers = tuple(name.replace(".", "_") for name in kept)
    parquet = scratch / "json.parquet"
    relation = sql.parquet(parquet)
    result = Records(contract, headers, contract.match(headers), relation, relation, 0)

    def rows() -> Iterator[tuple[int, list[str | None]]]:
        for number, entry in enumerate(json_entries(source, encoding, contracts), 1):
            result.in_file = number
            if entry.values is None:
                result.refused.append(Refused(number, entry.line, None, entry.reason, printable(entry.text)))
            else:
                yield number, [entry.values.get(name) for name in kept]

    write_parquet(parquet, [f"c{index}" for index in range(len(kept))], rows())
    return result
