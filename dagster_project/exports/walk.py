"""Every file below a folder, links followed, none of them passed over without a word."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

HIDDEN = (".", "__MACOSX", "~$")  # what systems and programs leave for themselves begins so


def walk(folder: Path, above: tuple[tuple[int, int], ...] = ()) -> Iterator[tuple[Path, str | None]]:
    """(file, None) of every file, in the order of names; (path, why) of what cannot be reached. Hidden ones are left out.

    `above` are the folders, by device and inode, that this one was reached through.
    """
    try:
        status = folder.stat()
        here = (status.st_dev, status.st_ino)
        if here in above:
            yield folder, "is a link back to a folder that it lies in; remove the link"
            return
        names = sorted(name for name in os.listdir(folder) if not name.startswith(HIDDEN))
    except OSError as error:
        yield folder, unreachable(folder, error)
        return
    for name in names:
        path = folder / name
        try:
            mode = path.stat().st_mode
        except OSError as error:
            yield path, unreachable(path, error)
            continue
        if stat.S_ISDIR(mode):
            yield from walk(path, (*above, here))
        else:
            yield path, None if stat.S_ISREG(mode) else "is no regular file; remove it"


def unreachable(path: Path, error: OSError) -> str:
    if path.is_symlink() and not isinstance(error, PermissionError):
        return "is a link that leads nowhere; remove it, or link it to where the files are"
    return f"cannot be opened ({error.strerror}); see to its permissions"
