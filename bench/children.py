"""Measurements run in processes of their own, so that none warms or fattens another."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True)
class Measured:
    """What one child told, and what its process took. Its seconds are of the work alone where it tells them."""

    usage: Usage
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return self.told.get("seconds", self.usage.seconds)


class Turn:
    """Measures one company in a folder of its own, where its exports, reference tables, home and logs are."""

    def __init__(self, title: str, folder: Path, say: Callable[[str], None]):
        folder.mkdir(parents=True, exist_ok=True)
        self.title, self.folder, self.say = title, folder, say
        self.exports, self.reference, self.home = folder / "exports", folder / "reference", folder / "home"

    def child(self, name: str, arguments: Sequence[str], **more: str) -> Measured:
        """Run Python with `arguments` and what `more` adds to its environment. Raises ChildFailed."""
        environment = {
            "ONE_COMPANY_EXPORTS": str(self.exports),
            "ONE_COMPANY_REFERENCE": str(self.reference),
            "ONE_COMPANY_HOME": str(self.home),
            "ONE_COMPANY_MEMORY": "",
            "ONE_COMPANY_AS_OF": "",
            "ONE_COMPANY_KNOWN_ON": "",
            **more,
        }
        self.say(f"{self.title}: {name.replace('_', ' ')} …")
        usage = run(arguments, environment, self.log(name))
        self.say(f"  {usage.seconds:,.1f} s, {usage.peak_bytes / 1e6:,.0f} MB")
        return Measured(usage)

    def measurement(self, name: str, **more: str) -> Measured:
        """One of bench.measurements, with what it tells."""
        file = self.folder / f"{name}.json"
        usage = self.child(name, ["-m", "bench.measurements", name, str(file)], **more).usage
        return Measured(usage, json.loads(file.read_text(encoding="utf-8")))

    def refresh(self, name: str, **more: str) -> Measured:
        return self.child(name, ["-m", "dagster_project", "refresh"], **more)

    def log(self, name: str) -> Path:
        """What the child of that name printed."""
        return self.folder / f"{name}.log"


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
