"""Dagster's history of runs, written without a wait for the disk, or a new start of the database, at each event.

For each of a run's hundreds of events Dagster makes a new engine, opens its SQLite files anew, and compiles its statements
anew. And SQLite, whenever the last connection to a file closes, moves the event from its log to the file and waits for
the disk several times over. That took more of a small company's refresh than anything else. Here all engines of one
process share what they compiled, and connections are kept open for the next: events stay in the log, which every
reader reads too, and are moved once, when this process ends. One that is killed loses nothing; a power cut, at most the end.
"""

import atexit
import os
import sqlite3
from collections import defaultdict
from typing import Any

from sqlalchemy import event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite import dialect as SQLite
from sqlalchemy.engine import URL, Connection, Engine

MOST_STATEMENTS = 1000  # Dagster has some dozens; more only where it writes values into their text

_free: dict[tuple[int, str, int | None], list[sqlite3.Connection]] = defaultdict(list)
_compiled: dict[Any, Any] = {}


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

    def connect(self, file: str, **options: Any) -> sqlite3.Connection:
        """A connection that nobody uses now, or a new one."""
        try:
            return _free[_key(file)].pop()
        except IndexError:
            pass
        made = super().connect(file, **{**options, "check_same_thread": False})
        made.execute("pragma synchronous = normal")  # in a log, as safe as can be but for a power cut
        return made

    def do_close(self, connection: sqlite3.Connection) -> None:
        query = "select file from pragma_database_list where name = 'main'"
        ((file,),) = connection.execute(query).fetchall()
        _free[_key(file)].append(connection)


def hold_open() -> None:
    """From now on hold open what this process opens of Dagster's history."""
    if not event.contains(Engine, "engine_connect", _connected):
        registry.register("sqlite", __name__, HeldSQLite.__name__)
        event.listen(Engine, "engine_connect", _connected)
        atexit.register(_close)


def _connected(connection: Connection) -> None:
    if isinstance(connection.dialect, HeldSQLite):
        if len(_compiled) > MOST_STATEMENTS:
            _compiled.clear()
        connection.execution_options(compiled_cache=_compiled)


def _key(file: str) -> tuple[int, str, int | None]:
    """Where connections of one kind are kept: a file that was removed and made anew is another one, and none may cross a fork.

    SQLite tells a file by the path that links lead to, whatever it was opened as.
    """
    file = os.path.realpath(file)
    return os.getpid(), file, os.stat(file).st_ino if os.path.exists(file) else None


def _close() -> None:
    while _free:
        for connection in _free.popitem()[1]:
            connection.close()
