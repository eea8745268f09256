"""Measurements run in processes of their own, so that none warms or fattens another."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from dagster_project.paths import PROJECT

LINES_SHOWN = 20
LOOKS_EVERY = 0.2  # seconds between two looks at the memory of a child and its own children


class ChildFailed(Exception):
    """A measurement ended in an error; holds the end of what it printed."""


@dataclass(frozen=True)
class Usage:
    """What one process took from its start to its end, its own children included."""

    seconds: float  # wall time, start of Python included
    cpu_seconds: float  # of all its threads
    peak_bytes: int  # largest resident set


def run(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Usage:
    """Run Python with `arguments` in the project; what it prints goes to `log`. Raises ChildFailed."""
    began = time.monotonic()
    with log.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env={**os.environ, **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        family = Family(child.pid)
        family.start()
        # wait4 tells of this child alone; getrusage would give the largest of all children so far.
        # What this process holds when a child starts counts as the child's too, so it imports little.
        _, status, used = os.wait4(child.pid, 0)
    seconds = time.monotonic() - began
    family.has_ended.set()
    family.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        end = log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]
        raise ChildFailed("\n".join([f"{' '.join(arguments)} ended with {child.returncode}:", *end]))
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(seconds, used.ru_utime + used.ru_stime, max(used.ru_maxrss * unit, family.peak_bytes))


class Family(threading.Thread):
    """Looks at a child every so often: the resident sets of it and of all its own children, summed."""

    def __init__(self, pid: int):
        super().__init__(name="memory", daemon=True)
        self.pid, self.peak_bytes, self.has_ended = pid, 0, threading.Event()

    def run(self) -> None:
        while not self.has_ended.wait(LOOKS_EVERY):
            try:
                child = psutil.Process(self.pid)
                members = [child, *child.children(recursive=True)]
                self.peak_bytes = max(self.peak_bytes, sum(one.memory_info().rss for one in members))
            except psutil.Error:  # one of them ended meanwhile
                continue
