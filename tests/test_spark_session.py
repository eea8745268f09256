"""What a person is told, in bounded time, where Spark cannot start: no Java, no packages, nobody at the address, nobody to work."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.engines import spark as engine
from dagster_project.engines import spark_address
from dagster_project.engines.spark import SparkEngine
from dagster_project.engines.spark_address import check_answers
from dagster_project.engines.spark_session import check_java
from dagster_project.errors import UserError
from dagster_project.paths import PROJECT, Paths
from tests import spark
from tests.spark_cluster import OF_THE_DRIVER, cluster


def refused_by(check: object) -> str:
    with pytest.raises(UserError) as told:
        check()
    assert "\n" not in str(told.value)
    return str(told.value)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port of this machine at which nobody speaks Spark's language."""
    with socket.create_server(("127.0.0.1", 0)) as there:
        yield there.getsockname()[1]


@pytest.mark.parametrize(
    "address, sentence",
    [
        (
            "spark://127.0.0.1:1",
            "Nothing answers at spark://127.0.0.1:1 (Connection refused): start Spark there, or ",
        ),
        (
            "spark://127.0.0.1:1,127.0.0.1:2",
            "Nothing answers at spark://127.0.0.1:1,127.0.0.1:2 (Connection refused)",
        ),
        ("spark://[::1]:1", "Nothing answers at spark://[::1]:1 ("),
        ("spark://127.0.0.1", "'spark://127.0.0.1' names no host and port; write it like spark://host:7077"),
        ("spark://", "'spark://' names no host and port; write it like spark://host:7077"),
        ("sc://127.0.0.1:1", "Nothing answers at sc://127.0.0.1:1 (no Spark Connect there)"),
        ("sc://", "'sc://' is no address ("),
        (
            "local[two]",
            "ONE_COMPANY_SPARK: 'local[two]' is nothing that Spark knows; write local[*] for this machine",
        ),
        ("cluster:7077", "'cluster:7077' is nothing that Spark knows"),
        ("thrift://host:10000", "'thrift://host:10000' cannot be used"),
    ],
)
def test_an_address_where_no_spark_is_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, sentence: str
) -> None:
    monkeypatch.setenv("ONE_COMPANY_SPARK", address)
    monkeypatch.setattr(spark_address, "SECONDS_TO_ANSWER", 1)
    assert sentence in refused_by(SparkEngine(Paths(tmp_path, tmp_path, tmp_path, "spark")).check)


def test_a_server_that_is_no_spark_connect_is_told(monkeypatch: pytest.MonkeyPatch, silent_port: int) -> None:
    monkeypatch.setenv("ONE_COMPANY_SPARK", f"sc://127.0.0.1:{silent_port}")
    monkeypatch.setattr(spark_address, "SECONDS_TO_ANSWER", 1)
    assert "(no Spark Connect there)" in refused_by(check_answers)


def test_a_master_of_several_that_answers_is_enough(
    monkeypatch: pytest.MonkeyPatch, silent_port: int
) -> None:
    monkeypatch.setenv("ONE_COMPANY_SPARK", f"spark://127.0.0.1:1,127.0.0.1:{silent_port}")
    check_answers()


def test_a_cluster_without_workers_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = f"""if True:
        from pathlib import Path
        from dagster_project.engines import spark_session
        from dagster_project.paths import Paths
        spark_session.SECONDS_FOR_A_WORKER = 3
        home = Path({str(tmp_path)!r})
        try:
            spark_session.start(Paths(home, home, home, "spark"))
        except spark_session.UserError as error:
            print(error)
    """
    with cluster(tmp_path / "cluster") as made:
        for name, value in spark.environment(tmp_path / "conf", made.master, **OF_THE_DRIVER).items():
            monkeypatch.setenv(name, value)
        ended = subprocess.run(
            [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=300
        )
        sentence = (
            f"Spark at {made.master} gave this run no worker within 3 seconds: start workers there, free some"
        )
    assert sentence in ended.stdout, ended.stderr


@pytest.mark.parametrize(
    "says, sentence",
    [
        (
            "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2",
            "java is Java 11. Spark needs Java 17 or newer: install it",
        ),
        ("echo 'java version \"1.8.0_292\"' >&2", "java is Java 8. "),
        ("exit 1", "java does not run. "),
        (None, "There is no Java in "),
    ],
)
def test_a_java_that_spark_cannot_run_on_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str | None, sentence: str
) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    if says:
        java.write_text(f"#!/bin/sh\n{says}\n")
        java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert sentence in refused_by(check_java)


def test_no_java_at_all_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused_by(check_java).startswith(
        "There is no Java. Spark needs Java 17 or newer: install it (on Debian"
    )


def test_packages_that_are_not_installed_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    told = refused_by(SparkEngine(Paths(tmp_path, tmp_path, tmp_path, "spark")).check)
    assert told.startswith(
        "ONE_COMPANY_TARGET is spark and Spark's packages are not installed: start with `make run`"
    )
