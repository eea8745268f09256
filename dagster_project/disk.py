"""Writing so that it lasts: to the disk and not just to its cache; and what is said where the disk takes no more."""

import errno
import os
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT}
SQLITE_FULL = "database or disk is full"  # Dagster keeps its record of runs in it


def sync(path: Path) -> None:
    """Force one file, or the names in one folder, onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Force all files and folders below a folder onto the disk, the folder itself last."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync(Path(parent) / name)
        sync(Path(parent))


def is_full(error: BaseException | str) -> bool:
    """Whether an error, or its text, says that the disk is full: by its words too, since libraries wrap what the system says."""
    return getattr(error, "errno", None) in FULL or any(
        words in str(error) for words in (SQLITE_FULL, *map(os.strerror, FULL))
    )


def no_room(home: Path) -> str:
    """What a person reads where the disk is full."""
    return (
        f"There is no room left on the disk of {home}: free some space and run again; "
        "nothing was half written, and what was landed before stays."
    )


def keep(file: Path, details: str) -> str:
    """Write the details of a failure to a file. Raises nothing, since it is told already: the sentence says where they are,
    or why they are not."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(details, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        return f"The details could not be kept in {file} ({error.strerror})."
    return f"The details are in {file}."
