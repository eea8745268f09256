"""Whether something new lies in the folders that a company fills, and has stopped growing."""

import hashlib
import json
import os
import stat
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from dagster_project.exports.walk import walk


@dataclass(frozen=True)
class Seen:
    """What one look remembers for the next: the listing it found, and the one that a run was last asked for."""

    now: str = ""
    asked_for: str = ""

    @classmethod
    def of(cls, cursor: str | None) -> "Seen":
        return cls(**json.loads(cursor)) if cursor else cls()

    def cursor(self) -> str:
        return json.dumps(asdict(self))

    def look(self, found: str) -> tuple["Seen", str]:
        """What to remember, and why no run is needed yet; '' where one is."""
        if found == self.asked_for:
            return Seen(found, self.asked_for), "Nothing new."
        if found != self.now:
            return Seen(found, self.asked_for), "Files have changed; waiting until they stop growing."
        return Seen(found, found), ""


def listing(folders: Iterable[Path]) -> str:
    """A hash over the path, size and time of every file below the folders; '' where there is none."""
    files = []
    for folder in folders:
        for path, _ in walk(folder):
            try:
                status = path.stat()
            except OSError:
                continue  # moved away since it was listed, or a link that leads nowhere: the next look tells
            if stat.S_ISREG(status.st_mode):
                files.append((os.fsencode(path).hex(), status.st_size, status.st_mtime_ns))
    return hashlib.sha256(json.dumps(sorted(files)).encode()).hexdigest() if files else ""
