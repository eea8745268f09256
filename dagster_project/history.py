"""Dagster's history of runs, written without a wait for the disk, or a new start of the database, at each event.

For each of a run's hundreds of events Dagster makes a new engine, opens its SQLite files anew, and compiles its statements
anew. And SQLite, whenever the last connection to a file closes, moves the event from its log to the file and waits for
the disk several times over. That took more of a small company's refresh than anything else. Here each file of events has one
engine in a process, all engines share what they compiled, and connections are kept open for the next: events stay in the log, which every
reader reads too, and are moved once, when this process ends. One that is killed loses nothing; a power cut, at most the end.
"""

import atexit
import os
import sqlite3
from collections import defaultdict
from typing import Any

from dagster._core.storage.event_log.sqlite import sqlite_event_log
from sqlalchemy import create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite import dialect as SQLite
from sqlalchemy.engine import URL, Connection, Engine

MOST_STATEMENTS = 1000  # Dagster has some dozens; more only where it writes values into their text

_free: dict["Key", list["HeldConnection"]] = defaultdict(list)
_compiled: dict[Any, Any] = {}
_engines: dict[str, Engine] = {}


class HeldConnection(sqlite3.Connection):
    """A connection and the file that it has open."""

    file = ""
    key: "Key | None" = None  # until there is a file


Key = tuple[int, int, int]


class HeldSQLite(SQLite):
    """One for all engines over Dagster's files, since what is compiled belongs to one dialect."""

    supports_statement_cache = True
    one: "HeldSQLite | None" = None
    is_initialized = False

    def __new__(cls, **arguments: Any) -> "HeldSQLite":
        if cls.one is None:
            cls.one = super().__new__(cls)
            SQLite.__init__(cls.one, **arguments)
        return cls.one

    def __init__(self, **arguments: Any) -> None:
        """It was made once and for all."""

    @classmethod
    def get_dialect_cls(cls, url: URL) -> type[SQLite]:
        home = os.environ.get("DAGSTER_HOME")
        return cls if home and (url.database or "").startswith(home) else SQLite

    def initialize(self, connection: Connection) -> None:
        if not self.is_initialized:
            super().initialize(connection)
            self.is_initialized = True

    def connect(self, file: str, **options: Any) -> HeldConnection:
        """A connection that nobody uses now, or a new one."""
        key = _key(file)
        if free := _free.get(key):
            return free.pop()
        made = super().connect(file, **{**options, "check_same_thread": False, "factory": HeldConnection})
        made.execute("pragma synchronous = normal")  # in a log, as safe as can be but for a power cut
        made.file, made.key = file, key
        return made

    def do_close(self, connection: HeldConnection) -> None:
        connection.key = connection.key or _key(connection.file)
        if connection.key:
            _free[connection.key].append(connection)
        else:
            connection.close()


def hold_open() -> None:
    """From now on hold open what this process opens of Dagster's history."""
    if not event.contains(Engine, "engine_connect", _connected):
        registry.register("sqlite", __name__, HeldSQLite.__name__)
        sqlite_event_log.create_engine = _engine
        event.listen(Engine, "engine_connect", _connected)
        atexit.register(_close)


def _engine(address: str, **options: Any) -> Engine:
    """The engine of one of Dagster's files; it holds no connection itself, so whoever disposes of it takes nothing away."""
    if address not in _engines:
        _engines[address] = create_engine(address, **options)
    return _engines[address]


def _connected(connection: Connection) -> None:
    if isinstance(connection.dialect, HeldSQLite):
        if len(_compiled) > MOST_STATEMENTS:
            _compiled.clear()
        connection.execution_options(compiled_cache=_compiled)


def _key(file: str) -> Key | None:
    """What connections have open that may stand in for each other: a file that was removed and made anew is another one, and
    none may cross a fork.

    While a connection has a file open, no other gets its number.
    """
    try:
        found = os.stat(file)
    except OSError:
        return None
    return os.getpid(), found.st_dev, found.st_ino


def _close() -> None:
    while _free:
        for connection in _free.popitem()[1]:
            connection.close()
