"""One writer at a time: an operating-system lock on ONE_COMPANY_HOME, freed when its holder dies."""

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Holder:
    """Who holds the lock."""

    pid: int
    host: str
    run_id: str
    since: str  # UTC, ISO

    def __str__(self) -> str:
        return f"run {self.run_id[:8]} (process {self.pid} on {self.host}, since {self.since})"


@contextmanager
def writer_lock(
    path: Path, run_id: str, say: Callable[[str], None], seconds_between_looks: float = 1.0
) -> Iterator[Holder | None]:
    """Hold the lock at `path`, waiting for whoever has it; `say` hears who that is.

    Yields the holder before this one where it died without letting go, else None.
    The file stays: removing it could leave two runs with a lock on two files of one name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        told: list[Holder | None] = []
        while not _taken(descriptor):
            holder = _read(descriptor)
            if holder not in told:
                say(
                    f"Another run is writing to {path.parent}: {holder or 'it only begins'}. Waiting for it to end."
                )
                told.append(holder)
            time.sleep(seconds_between_looks)
        died = _read(descriptor)
        since = datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
        _write(descriptor, json.dumps(asdict(Holder(os.getpid(), socket.gethostname(), run_id, since))))
        try:
            yield died
        finally:
            _write(descriptor, "")
    finally:
        os.close(descriptor)  # frees the lock


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock at `path` for a moment, after whoever has it: for what two processes must not begin at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(descriptor: int) -> Holder | None:
    """Who wrote the file last; None where it is empty or being written."""
    try:
        return Holder(**json.loads(os.pread(descriptor, 4096, 0)))
    except (ValueError, TypeError):
        return None


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)
