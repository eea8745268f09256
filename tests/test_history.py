"""Dagster's history of runs: it outlives its process, however that ends, and waits for the disk seldom."""

import os
import subprocess
import sys
from pathlib import Path

from dagster_project.paths import PROJECT

RUN = """
import os, signal
import dagster as dg
{first}

@dg.asset
def box(): ...

with dg.DagsterInstance.get() as instance:
    dg.materialize([box], instance=instance)
    {last}
"""
HELD = "from dagster_project.history import hold_open; hold_open(); hold_open()"
KILLED = "os.kill(os.getpid(), signal.SIGKILL)"
TOLD = """
import dagster as dg
with dg.DagsterInstance.get() as instance:
    run, = instance.get_runs()
    print(run.status.value, instance.get_latest_materialization_event(dg.AssetKey("box")).run_id == run.run_id)
"""


def python(script: str, home: Path) -> str:
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "DAGSTER_HOME": str(home)},
        cwd=PROJECT,
        capture_output=True,
        text=True,
    ).stdout


def not_yet_moved(home: Path) -> set[str]:
    """The files of which a part is still in SQLite's log."""
    return {file.name for file in home.rglob("*.db-wal") if file.stat().st_size}


def test_only_a_held_history_stays_in_its_log_and_a_killed_process_loses_nothing(tmp_path: Path):
    python(RUN.format(first="", last=KILLED), tmp_path)
    assert not not_yet_moved(tmp_path)  # Dagster alone waits for the disk after every event
    home = tmp_path / "held"
    home.mkdir()
    python(RUN.format(first=HELD, last=KILLED), home)
    assert "index.db-wal" in not_yet_moved(home)
    assert python(TOLD, home) == python(TOLD, home) == "SUCCESS True\n"
    assert "index.db-wal" not in not_yet_moved(home)  # who came next moved it


def test_a_process_that_ends_leaves_nothing_in_the_log(tmp_path: Path):
    python(RUN.format(first=HELD, last="pass"), tmp_path)
    assert not not_yet_moved(tmp_path) and python(TOLD, tmp_path) == "SUCCESS True\n"


REUSED = """
import os, sqlalchemy as sql
from sqlalchemy.pool import NullPool
from dagster_project.history import HeldSQLite, hold_open
hold_open()
file = os.path.join(os.environ["DAGSTER_HOME"], "a.db")

def engine(file):
    return sql.create_engine(f"sqlite:///{file}", poolclass=NullPool)

def driver(connection):
    return connection.connection.dbapi_connection

with engine(file).begin() as first, engine(file).connect() as second:
    first.execute(sql.text("create table a (b integer)"))
    assert driver(first) is not driver(second)  # two at once do not share one
    used = {driver(first), driver(second)}
with engine(file).connect() as third:
    assert driver(third) in used and isinstance(third.dialect, HeldSQLite)
    query = sql.select(sql.column("b")).select_from(sql.table("a"))
    third.execute(query)
with engine(file).connect() as fourth:
    shared = fourth.get_execution_options()["compiled_cache"]
    known = len(shared)
    fourth.execute(query)
    assert len(shared) == known > 0  # nothing is compiled a second time
os.remove(file)
with engine(file).connect() as fifth:
    assert driver(fifth) not in used
    assert not sql.inspect(fifth).get_table_names()  # of the new file, not of the one removed
with engine(":memory:").connect() as other:
    assert not isinstance(other.dialect, HeldSQLite)
print("reused")
"""


def test_connections_and_compiled_statements_are_used_again_for_the_same_file_alone(tmp_path: Path):
    assert python(REUSED, tmp_path) == "reused\n"


def test_a_home_behind_a_link_is_no_other(tmp_path: Path):
    """SQLite tells the path that a link leads to."""
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    assert python(REUSED, tmp_path / "linked") == "reused\n"
