"""What a person types: how it ends, what it prepares, what it says when something is in the way."""

import errno
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import Mock

import duckdb
import pytest
import sqlalchemy.exc

from dagster_project.__main__ import DAGSTER_YAML, check_port, dagster_instance, main, parser, prepare
from dagster_project.dbt import Dbt, DbtFailed
from dagster_project.disk import no_room
from dagster_project.engines.duckdb import DuckDBEngine
from dagster_project.errors import UserError
from dagster_project.exports.store import DiskFull, room_on_disk
from dagster_project.lock import writer_lock
from dagster_project.paths import PROJECT, Paths


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    for setting in ("EXPORTS", "REFERENCE", "HOME"):
        (tmp_path / setting.lower()).mkdir()
        monkeypatch.setenv(f"ONE_COMPANY_{setting}", str(tmp_path / setting.lower()))
    monkeypatch.setenv("ONE_COMPANY_TARGET", "duckdb")
    monkeypatch.setenv("DAGSTER_HOME", "")  # so that what `prepare` sets is taken back
    return Paths.from_environment()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    "arguments, code, told",
    [
        (["explain", "2026-10", "lost_customers"], 1, "Nothing is published in"),
        (["ui", "--port", "abc"], 2, "'abc' is not a port; write a number from 1 to 65535"),
        (["--help"], 0, "give readers an earlier publication"),
    ],
)
def test_a_command_ends_with_its_exit_code_and_its_own_words(
    paths: Paths, arguments: list[str], code: int, told: str
) -> None:
    command = [sys.executable, "-m", "dagster_project", *arguments]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert ended.returncode == code and told in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_command_ends_after_its_own_cleaning_up_and_before_the_interpreters() -> None:
    command = """if True:
        import atexit
        from dagster_project import __main__
        atexit.register(print, "pages about leaks")
        __main__.main = lambda _: 3 if atexit.register(print, "locks are let go") else 0
        __main__.run([])
    """
    ended = subprocess.run([sys.executable, "-c", command], cwd=PROJECT, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "locks are let go\n", "")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "3000.0", "²"])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["ui", f"--port={port}"])


@pytest.mark.parametrize("limit", ["0", "-1", "all", "1.5"])
def test_what_is_no_limit_is_refused(limit: str) -> None:
    asked_for = ["explain", "2026-10", "lost_customers"]
    assert parser().parse_args([*asked_for, "--limit", "34"]).limit == 34
    with pytest.raises(SystemExit):
        parser().parse_args([*asked_for, f"--limit={limit}"])


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        number = there.getsockname()[1]
        with pytest.raises(UserError, match="make ui PORT=3001"):
            check_port(number)
    check_port(number)


def test_what_holds_names_is_for_its_owner_alone(paths: Paths) -> None:
    paths.landing.mkdir(mode=0o755)
    duckdb.connect(str(paths.warehouse)).close()
    paths.warehouse.chmod(0o644)  # both as an earlier version made them
    prepare(paths)
    with DuckDBEngine(paths).building({}, ()):
        with duckdb.connect(str(paths.warehouse)) as other:
            other.execute("create table name as select 'Ada' as name")
            assert {mode(file) for file in paths.home.glob("warehouse.duckdb*")} == {0o600}
    (paths.home / "readable").touch()
    assert mode(paths.home / "readable") & 0o044  # what is published still is for all
    found = {path.name: mode(path) & 0o077 for path in paths.home.iterdir() if path.name != "readable"}
    assert {"landing", "typed", "inputs", "ledger", "warehouse.duckdb"} < found.keys()
    assert not any(found.values()), found


def test_what_somebody_wrote_into_the_settings_of_dagster_stays(paths: Paths) -> None:
    prepare(paths)
    settings = paths.dagster / "dagster.yaml"
    assert settings.read_text() == DAGSTER_YAML
    settings.write_text(DAGSTER_YAML + "retention: {}\n")
    prepare(paths)
    assert settings.read_text() == DAGSTER_YAML + "retention: {}\n"


def test_of_processes_that_start_at_once_one_makes_the_record_of_runs(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    making: list[str] = []

    def get() -> Mock:
        making.append("began")
        assert making.count("began") - making.count("ended") == 1
        time.sleep(0.1)
        making.append("ended")
        return Mock(__enter__=Mock(), __exit__=Mock())

    monkeypatch.setattr("dagster.DagsterInstance.get", get)

    def start(_: int) -> None:
        with dagster_instance(paths):
            pass

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(start, range(3)))
    assert len(making) == 6


@pytest.mark.parametrize("command", ["refresh", "restate", "docs"])
def test_an_engine_that_cannot_start_is_told_before_anything_begins(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.setenv("ONE_COMPANY_TARGET", "spark")
    monkeypatch.setenv("JAVA_HOME", str(paths.exports))
    assert main([command]) == 1
    assert str(paths.exports) in capsys.readouterr().err
    assert not list(paths.home.iterdir())


def test_the_documentation_waits_for_a_run_that_writes(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = threading.Event()
    monkeypatch.setattr(Dbt, "docs", lambda _: written.set() or Mock(success=True))
    monkeypatch.setattr(Dbt, "manifest", lambda _: {})
    monkeypatch.setattr("dagster_project.cards.write", lambda _: [])
    with ThreadPoolExecutor(1) as pool:
        with writer_lock(paths.writer_lock, "a-run", pytest.fail):
            code = pool.submit(main, ["docs"])
            assert not written.wait(2)
        assert code.result(timeout=10) == 0
    assert written.is_set() and "Another run is writing to" in capsys.readouterr().out


NO_SPACE = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
SQLITE_FULL = sqlite3.OperationalError("database or disk is full")


@pytest.mark.parametrize(
    "error",
    [
        NO_SPACE,
        SQLITE_FULL,
        sqlalchemy.exc.OperationalError("insert into runs", {}, SQLITE_FULL),
        DbtFailed(f"dbt cannot read its project: {NO_SPACE}"),
    ],
)
def test_a_full_disk_is_told_as_landing_tells_it_wherever_it_is_met(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    with pytest.raises(DiskFull) as told, room_on_disk(paths.home):
        raise NO_SPACE
    monkeypatch.setattr("dagster_project.__main__.run_job", Mock(side_effect=error))
    assert main(["roll_back"]) == 1
    assert capsys.readouterr().err == f"{told.value}\n"
    assert not paths.logs.exists()


def test_a_disk_that_is_full_already_is_told_before_anything_begins(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "write_text", Mock(side_effect=NO_SPACE))
    with pytest.raises(UserError) as told:
        prepare(paths)
    assert str(told.value) == no_room(paths.home)


def test_details_that_cannot_be_kept_are_no_second_error(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dagster_project.__main__.run_job", Mock(side_effect=KeyError("\udcff")))
    assert main(["roll_back"]) == 1
    (file,) = paths.logs.iterdir()
    shown = capsys.readouterr().err
    assert shown.startswith("Something went wrong that should not (KeyError: ")
    assert shown.endswith(f"). The details are in {file}.\n") and "Traceback" in file.read_text()

    shutil.rmtree(paths.logs)
    paths.logs.touch()
    assert main(["roll_back"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("Something went wrong that should not (KeyError: ") and shown.count("\n") == 1
    assert f"). The details could not be kept in {paths.logs}/" in shown and "(File exists)." in shown


def without_powers(command: list[str]) -> list[str]:
    """A command as one who is nobody special runs it: whom permissions bind, as they do not bind root."""
    if os.geteuid():
        return command
    if not shutil.which("setpriv"):
        pytest.skip("root is bound by no permissions, and there is no setpriv to give its powers up")
    powers = "-dac_override,-dac_read_search"
    return ["setpriv", "--bounding-set", powers, "--inh-caps", powers, *command]


@pytest.mark.parametrize(
    "setting, arguments",
    [
        ("ONE_COMPANY_HOME", ["explain", "2026-10", "lost_customers"]),
        ("ONE_COMPANY_HOME", ["refresh"]),
        ("ONE_COMPANY_EXPORTS", ["refresh"]),
    ],
)
@pytest.mark.parametrize("name", ["barred", "barred/below"])
def test_a_folder_that_may_not_be_entered_is_named(
    paths: Paths, tmp_path: Path, setting: str, arguments: list[str], name: str
) -> None:
    barred = tmp_path / "barred"
    (tmp_path / name).mkdir(parents=True)
    barred.chmod(0)
    command = without_powers([sys.executable, "-m", "dagster_project", *arguments])
    environment = os.environ | {setting: str(tmp_path / name)}
    try:
        ended = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    finally:
        barred.chmod(0o700)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"The folder {barred} may not be entered (Permission denied): change its permissions, or set {setting}, which is "
        f"{tmp_path / name}, to another folder.\n"
    )


@pytest.mark.parametrize("setting", ["ONE_COMPANY_HOME", "ONE_COMPANY_EXPORTS", "ONE_COMPANY_REFERENCE"])
def test_the_home_of_nobody_is_told(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], setting: str
) -> None:
    monkeypatch.setenv(setting, "~nobody-of-this-name/x")
    assert main(["explain", "2026-10", "lost_customers"]) == 1
    assert capsys.readouterr().err == (
        f"{setting}: '~nobody-of-this-name/x' does not say which folder (Could not determine home directory); write the "
        "whole path.\n"
    )


ODD = """R$D "x" `touch bait` $(touch bait) $(shell touch bait) it's \\ #1; touch bait"""


def made(folder: Path, *arguments: str, **environment: str) -> list[str]:
    """What `make` runs Python with: a stand-in for it tells, one argument a line."""
    python = folder / "bin" / "python"
    if not python.exists():
        python.parent.mkdir()
        python.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
        python.chmod(0o755)
        (folder / "ready").touch()
    command = [
        "make",
        "-s",
        "-f",
        str(PROJECT / "Makefile"),
        f"BIN={python.parent}",
        f"READY={folder / 'ready'}",
    ]
    (folder / "requirements.lock").touch()
    os.utime(folder / "requirements.lock", (0, 0))
    ended = subprocess.run(
        [*command, *arguments], cwd=folder, env=os.environ | environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    assert not (folder / "bait").exists()
    return ended.stdout.splitlines()


def test_make_hands_on_what_is_asked_for_as_it_was_typed(tmp_path: Path) -> None:
    of = ["-m", "dagster_project", "explain"]
    plain = ["PERIOD=2026-10", "MEASURE=lost_customers"]
    assert made(tmp_path, "explain", *plain) == [*of, "2026-10", "lost_customers"]
    options = [f"{name}={ODD}" for name in ("SEGMENT", "VALUE_BASIS", "LIMIT")]
    told = [f"--{name}={ODD}" for name in ("segment", "value-basis", "limit")]
    assert made(tmp_path, "explain", *plain, *options) == [*of, "2026-10", "lost_customers", *told]
    assert made(tmp_path, "explain", f"PERIOD={ODD}", f"MEASURE={ODD}") == [*of, ODD, ODD]
    assert made(tmp_path, "explain", *plain, SEGMENT=ODD)[5:] == [f"--segment={ODD}"]


@pytest.mark.parametrize(
    "target, setting, told",
    [
        ("close_period", "MONTH", [ODD]),
        ("roll_back", "TO", [ODD]),
        ("ui", "PORT", [f"--port={ODD}"]),
    ],
)
def test_make_hands_on_the_month_the_publication_and_the_port(
    tmp_path: Path, target: str, setting: str, told: list[str]
) -> None:
    assert made(tmp_path, target, f"{setting}={ODD}") == ["-m", "dagster_project", target, *told]
    nothing = [""] if target == "close_period" else []  # the command says what it lacks
    assert made(tmp_path, target) == ["-m", "dagster_project", target, *nothing]


def test_make_benches_several_sizes(tmp_path: Path) -> None:
    assert made(tmp_path, "bench", "CUSTOMERS=10 20") == ["-m", "bench", "--customers", "10", "20"]
    assert made(tmp_path, "bench") == ["-m", "bench"]
