"""Where closes are kept, under `ledger/`:

closes/2026-08.parquet          what was told of a month as it closed, and of a quarter and a year that end with it
restatements/00002-<id>.parquet what that publication told otherwise of months closed before, by cause
states/<id>/                    what the last publication was made from and what followed, to compare the next one with
asked/2026-10                   a month that somebody closed by hand
pending/<id>/                   the same again, for a publication that readers do not have yet: it counts for nothing
"""

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.database import connect
from dagster_project.disk import sync
from dagster_project.errors import UserError
from dagster_project.sql import file_to_read, literal

FORMAT = 1


@dataclass(frozen=True)
class Closings:
    """The files that a publication shows; `until`: of a look back, the last day whose closes it may know of."""

    closes: Sequence[Path] = ()
    restatements: Sequence[Path] = ()
    until: date | None = None


@dataclass(frozen=True)
class State:
    """What a publication followed from: `folder` has `customer_math`, `movement` and `identity` as Parquet, and the reference
    tables as they were."""

    folder: Path

    @property
    def basis(self) -> dict[str, Any]:
        """The publication, the code, the version, the batches and the identity parameters."""
        return json.loads((self.folder / "basis.json").read_text(encoding="utf-8"))

    @property
    def reference(self) -> Path:
        return self.folder / "reference"


def closes(ledger: Path) -> list[Path]:
    return sorted((ledger / "closes").glob("*.parquet"))


def restatements(ledger: Path) -> list[Path]:
    return sorted((ledger / "restatements").glob("*.parquet"))


def pending(ledger: Path, publication_id: str) -> Path:
    return ledger / "pending" / publication_id


def closings(ledger: Path, publication_id: str, until: date | None = None) -> Closings:
    """What a publication of that id shows: all that is settled, and what waits for it."""
    waiting = pending(ledger, publication_id)
    found = [*closes(ledger), *closes(waiting)], [*restatements(ledger), *restatements(waiting)]
    check(file for files in found for file in files)
    return Closings(*found, until)


def last_state(ledger: Path) -> State | None:
    """The state of the last publication. Raises UserError where months are closed and it is gone."""
    folders = [folder for folder in (ledger / "states").glob("*") if (folder / "basis.json").exists()]
    if not folders:
        if closes(ledger):
            raise UserError(
                f"{ledger / 'states'} is empty though months are closed: restore {ledger} from a backup, whole."
            )
        return None
    (folder,) = folders
    check(folder.glob("*.parquet"))
    return State(folder)


def settle(ledger: Path, publication_id: str) -> None:
    """Move into place what waits for a publication that readers have; what waits for any other stays where it counts for
    nothing. Harmless to repeat wherever it was cut off."""
    waiting = pending(ledger, publication_id)
    if not waiting.exists():
        return
    for folder in ("closes", "restatements", "states"):
        (ledger / folder).mkdir(exist_ok=True)
    for file in closes(waiting):
        if not (ledger / "closes" / file.name).exists():  # what is closed stays as it was told
            os.rename(file, ledger / "closes" / file.name)
    for file in restatements(waiting):
        number = len(restatements(ledger)) + 1
        os.rename(file, ledger / "restatements" / f"{number:05}-{publication_id}.parquet")
    for folder in ("closes", "restatements"):
        sync(ledger / folder)
    kept = ledger / "states" / publication_id
    if (waiting / "state").exists():
        shutil.rmtree(kept, ignore_errors=True)
        os.rename(waiting / "state", kept)
        sync(ledger / "states")
    for earlier in (ledger / "states").iterdir():
        if earlier != kept:
            shutil.rmtree(earlier)
    shutil.rmtree(waiting)


def forget(ledger: Path) -> None:
    """Remove what waits: nobody was given it, or it was a trial."""
    shutil.rmtree(ledger / "pending", ignore_errors=True)


def ask_to_close(ledger: Path, month: date) -> None:
    """Have the next publication close a month, whatever day it is."""
    (ledger / "asked").mkdir(parents=True, exist_ok=True)
    (ledger / "asked" / f"{month:%Y-%m}").touch()
    sync(ledger / "asked")


def asked_for(ledger: Path) -> list[str]:
    """The months that somebody closed by hand, as 2026-10."""
    return sorted(file.name for file in (ledger / "asked").glob("*"))


def write(con: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """The rows of a query as a file of this format."""
    file.parent.mkdir(parents=True, exist_ok=True)
    con.execute(
        f"copy ({query}) to {literal(str(file))} (format parquet, compression zstd, kv_metadata {{format: '{FORMAT}'}})"
    )


def check(files: Iterable[Path]) -> None:
    """Raises UserError where a file cannot be read or is of another format."""
    with connect() as con:
        for file in files:
            try:
                told = con.execute(
                    f"select decode(key), decode(value) from parquet_kv_metadata({file_to_read(file)})"
                ).fetchall()
            except duckdb.Error as error:
                raise UserError(f"{file} is damaged: restore it from a backup.") from error
            if (found := dict(told).get("format")) != str(FORMAT):
                raise UserError(
                    f"{file} has format {found}, and this version of the project knows format {FORMAT} only: run the version "
                    "that wrote it, or restore the file from a backup."
                )
