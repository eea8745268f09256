"""What a person types: how it ends, what it prepares, what it says when something is in the way."""

import socket
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

from dagster_project.__main__ import DAGSTER_YAML, check_port, dagster_instance, main, parser, prepare
from dagster_project.dbt import Dbt
from dagster_project.engines.duckdb import DuckDBEngine
from dagster_project.errors import UserError
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
