"""Tables that a run writes for the models to read, each one Parquet file."""

import os
from pathlib import Path

import pyarrow
import pyarrow.parquet


def write_input(path: Path, table: pyarrow.Table) -> None:
    """Replace the file at `path` in one rename: a reader sees the old table or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".new")  # no name that the models' *.parquet would match
    pyarrow.parquet.write_table(table, aside)
    os.replace(aside, path)
