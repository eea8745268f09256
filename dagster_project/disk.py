"""Writing so that it lasts: to the disk and not just to its cache."""

import os
from pathlib import Path


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
