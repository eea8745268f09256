"""Dagster's history of runs, written without a wait for the disk at each event.

Dagster opens its SQLite files anew for each of a run's hundreds of events, and SQLite, whenever the last connection to a
file closes, moves the event from its log to the file and waits for the disk several times over. That took more of a
small company's refresh than anything else. With one more connection held open the events stay in the log, which every
reader reads too, and are moved once, when this process ends. One that is killed loses nothing; a power cut, at most the end.
"""

import atexit
import os
import sqlite3
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

_held: dict[str, sqlite3.Connection] = {}


def hold_open() -> None:
    """From now on hold open what this process opens of Dagster's history."""
    if not event.contains(Engine, "connect", _opened):
        event.listen(Engine, "connect", _opened)
        atexit.register(_close)


def _opened(connection: Any, record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    ((_, _, file),) = connection.execute("pragma database_list").fetchall()
    if not file.startswith(os.environ.get("DAGSTER_HOME") or "\0"):
        return
    connection.execute("pragma synchronous = normal")  # in a log, as safe as can be but for a power cut
    if file not in _held:
        _held[file] = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
    _held[file].execute(
        "select 1 from sqlite_schema limit 1"
    ).fetchall()  # a file that was read counts as open


def _close() -> None:
    while _held:
        _held.popitem()[1].close()
