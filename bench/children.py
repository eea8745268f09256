"""Measurements run in processes of their own, so that none warms or fattens another."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagster_project.paths import PROJECT

LINES_SHOWN = 20


class ChildFailed(Exception):
    """A measurement ended in an error; holds the end of what it printed."""


@dataclass(frozen=True)
class Usage:
    """What one process took from its start to its end."""

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
        # wait4 tells of this child alone; getrusage would give the largest of all children so far.
        # What this process holds when a child starts counts as the child's too, so it imports little.
        _, status, used = os.wait4(child.pid, 0)
    seconds = time.monotonic() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        end = log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]
        raise ChildFailed("\n".join([f"{' '.join(arguments)} ended with {child.returncode}:", *end]))
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)
