"""Opening DuckDB, with no more memory than ONE_COMPANY_MEMORY allows."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

from dagster_project.errors import UserError
from dagster_project.sql import literal

SETTING = "ONE_COMPANY_MEMORY"
USUAL = "2.5GB"  # enough for a million customers, and with Python about 4 GB
GIGABYTE = 10**9
LEAST = 256 * 10**6  # below this some models find no room for their rows, whatever they spill
UNITS = {"MB": 10**6, "GB": GIGABYTE, "TB": 10**12, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
# The allocator then gives back to the machine what a statement no longer needs, before the next one asks for as much again.
ALLOCATOR = {"allocator_background_threads": "true"}
OUT_OF_MEMORY = "Out of Memory Error"  # how DuckDB begins its sentence, in whatever it is wrapped


class NotEnoughMemory(UserError):
    """DuckDB needed more memory than it may use, to make the table that is named, where one is."""

    def __init__(self, table: str = "", environment: Mapping[str, str] = os.environ) -> None:
        most = environment.get(SETTING, "").strip() or f"{USUAL} where it is not set"
        sentence = f"DuckDB needs more memory than {SETTING} allows ({most}): raise it and run again."
        super().__init__(f"{table}: {sentence}" if table else sentence)


def memory(environment: Mapping[str, str] = os.environ) -> int:
    """Bytes that DuckDB may use. Raises UserError."""
    text = environment.get(SETTING, "").strip() or USUAL
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([A-Za-z]{2,3})", text)
    if not found or found[2].upper() not in UNITS:
        raise UserError(f"{SETTING}: '{text}' is no amount of memory; write it like 4GB or 512MB.")
    size = int(float(found[1]) * UNITS[found[2].upper()])
    if size < LEAST:
        raise UserError(f"{SETTING}: {text} is too little to work with; write 256MB or more.")
    return size


def options(spill: Path | None = None, most: int | None = None, users: int = 1) -> dict[str, str]:
    """What to tell a connection: how much memory it may use, `most` at any rate, where `users` share what there is; and the
    folder for what does not fit."""
    allowed = min(memory(), most * users) if most else memory()
    held = {"memory_limit": f"{allowed // users}B"} | ALLOCATOR
    return held | ({"temp_directory": str(spill)} if spill else {})


def connect(
    database: Path | str = ":memory:", read_only: bool = False, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection within the limit. A file that spills does so beside itself where `spill` names no other folder."""
    connection = duckdb.connect(str(database), read_only=read_only)
    limit(connection, spill)
    return connection


def limit(
    connection: duckdb.DuckDBPyConnection,
    spill: Path | None = None,
    most: int | None = None,
    users: int = 1,
) -> None:
    """Hold an open connection to its limit: a file has one, however many connections of this process are open to it."""
    for name, value in options(spill, most, users).items():
        connection.execute(f"set {name} = {literal(value)}")
