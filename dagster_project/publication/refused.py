"""What was not taken in whole, and where something can be done about it still."""

import os
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import duckdb

TOLD = ("vendor", "object", "file", "batch_id", "status", "records_refused")


def refused(connection: duckdb.DuckDBPyConnection, batches: str, exports: Path) -> list[dict[str, Any]]:
    """The files that were held, refused, or had records refused; `batches` is governance.batches as the connection names it.

    A file that was held or refused is left out once it no longer lies in the exports folder, corrected or taken away;
    governance.batches keeps its row. Where there is no exports folder, nobody can tell, and none is left out.
    """
    rows = connection.execute(
        f"""
        select vendor, object, file, batch_id, status, cast(coalesce(rows_refused, 0) as bigint), system
        from {batches}
        where status <> 'accepted' or rows_refused > 0
        order by all
        """
    ).fetchall()
    entries = [dict(zip((*TOLD, "system"), row, strict=True)) for row in rows]
    waiting = [entry for entry in entries if entry["status"] != "accepted"]
    if waiting and os.path.isdir(exports):  # unlike Path's, false where it cannot be told
        named = {file for (file,) in connection.execute(f"select file from {batches}").fetchall()}
        there = still_there(exports, waiting, named)
        entries = [entry for entry in entries if entry["status"] == "accepted" or entry["batch_id"] in there]
    return [{name: entry[name] for name in TOLD} for entry in entries]


def still_there(exports: Path, waiting: Sequence[Mapping[str, Any]], named: Set[str]) -> set[str]:
    """The batch ids of those that wait whose bytes lie in the exports folder: under the name they came by, or under one that
    no batch has, since a file that was only renamed is no new batch."""
    from dagster_project.exports.contracts import load_all_contracts, of_vendors
    from dagster_project.exports.files import find_sources
    from dagster_project.exports.landing import batch_id_of  # `explain` needs none of this

    found = set()
    for source in find_sources(exports, of_vendors(load_all_contracts()), lambda _: None, settle=0):
        perhaps = [
            entry
            for entry in waiting
            if (entry["vendor"], entry["system"]) == (source.vendor, source.system)
            and (source.file == entry["file"] or source.file not in named)
        ]
        try:
            digest = source.digest() if perhaps else ""
        except FileNotFoundError:
            continue
        found |= {
            entry["batch_id"]
            for entry in perhaps
            if entry["batch_id"] == batch_id_of(source, entry["object"], digest)
        }
    return found
