"""The digests of export files, remembered: to read every old invoice again at each run would cost as much as to land it.

A file's size, times and inode stand for its bytes, the time of its last change (ctime) above all, which the system sets
at each write and no program sets back. Where any of them differs, the bytes are read. What is remembered follows from the
files, so it may be deleted at any time.
"""

import hashlib
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path

from dagster_project.exports.files import Source
from dagster_project.paths import Paths

RESTED = 2.0  # seconds after a change in which another might bear the same time


def digests_of(sources: Sequence[Source], paths: Paths, pool: Executor) -> list[str | None]:
    """The digest of each source's bytes, null where its file is gone."""
    kept = paths.home / "inputs" / "run" / "digests.json"
    remembered = _read(kept)
    found = list(pool.map(lambda source: _digest_of(source, remembered), sources))
    kept.parent.mkdir(parents=True, exist_ok=True)
    aside = kept.with_suffix(".new")
    aside.write_text(json.dumps(dict(pair for pair in found if pair and pair[0])), encoding="utf-8")
    os.replace(aside, kept)
    return [pair and pair[1] for pair in found]


def _digest_of(source: Source, remembered: dict[str, str]) -> tuple[str | None, str] | None:
    """(what its digest may be remembered by, if anything; its digest), null where its file is gone."""
    state = _state(source)
    try:
        digest = remembered.get(state) if state else None
        if digest is None:
            digest = source.digest()
    except FileNotFoundError:
        return None
    return state if state == _state(source) else None, digest


def _state(source: Source) -> str | None:
    """A hash of the name and state of a source's file, of which equal ones mean equal bytes; null where they may not."""
    if source.problem or not os.access(source.path, os.R_OK):
        return None
    try:
        stat = source.path.stat()
    except FileNotFoundError:
        return None
    if time.time() - stat.st_ctime < RESTED:
        return None
    member = source.member and (source.member.filename, source.member.header_offset)
    facts = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    return hashlib.sha256(repr((source.file, os.fsencode(source.path), member, facts)).encode()).hexdigest()


def _read(kept: Path) -> dict[str, str]:
    """State -> digest; nothing where there is no whole file, or another one."""
    try:
        remembered = json.loads(kept.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return remembered if isinstance(remembered, dict) else {}
