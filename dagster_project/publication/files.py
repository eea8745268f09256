"""A plain sentence when the disk is full."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.errors import UserError

FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def full_disk_said_plainly(folder: Path) -> Iterator[None]:
    """Turn 'no space left', from the system or from DuckDB, into a sentence that says what to do."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        is_full = getattr(error, "errno", None) in FULL or any(
            os.strerror(code) in str(error) for code in FULL
        )
        if not is_full:
            raise
        raise UserError(
            f"The disk that holds {folder} is full, so nothing was published and the last publication stays: "
            "free some space there and run again."
        ) from error
