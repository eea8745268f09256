"""ONE_COMPANY_MEMORY: every DuckDB that a run opens keeps to it, and one sentence says where it does not suffice."""

import re
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import yaml

from dagster_project import database
from dagster_project.__main__ import main
from dagster_project.database import NotEnoughMemory, connect, limit, memory, options
from dagster_project.dbt import Dbt
from dagster_project.great_expectations_duckdb import no_rows, validate
from dagster_project.paths import DBT_PROJECT, PROJECT, Paths
from dagster_project.publication.tables import open_draft

WITHIN_LIMIT = "select current_setting('memory_limit')"
# Without a folder to spill into, a sort of more than fits has nowhere to go.
TOO_MUCH = "select * from (select md5(range::varchar) as a from range(3000000)) order by a"


@pytest.fixture(autouse=True)
def least(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE_COMPANY_MEMORY", "256MB")


def limit_of(connection: duckdb.DuckDBPyConnection) -> str:
    return connection.execute(WITHIN_LIMIT).fetchone()[0]


@pytest.mark.parametrize(
    "text, size",
    [
        ("", 25 * 10**8),
        (" ", 25 * 10**8),
        ("1GB", 10**9),
        ("1.5 gb", 15 * 10**8),
        ("512MiB", 2**29),
        ("256MB", 256 * 10**6),
    ],
)
def test_an_amount_is_read_as_duckdb_reads_it(text: str, size: int) -> None:
    assert memory({"ONE_COMPANY_MEMORY": text}) == size
    with duckdb.connect(config={"memory_limit": text.strip() or "2.5GB"}) as theirs, duckdb.connect() as ours:
        ours.execute(f"set memory_limit = '{size}B'")
        assert limit_of(theirs) == limit_of(ours)


@pytest.mark.parametrize(
    "text", ["1", "GB", "a lot", "-1GB", "50%", "1KB", "1PB", "255MB", "0GB", "1GB; select 1"]
)
def test_what_is_no_amount_is_one_sentence_before_anything_starts(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("ONE_COMPANY_MEMORY", text)
    monkeypatch.setenv("ONE_COMPANY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ONE_COMPANY_EXPORTS", str(tmp_path))
    assert main(["refresh"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("ONE_COMPANY_MEMORY: ") and text in told and "write" in told
    assert len(told.splitlines()) == 1 and not (tmp_path / "home").exists()


def test_nothing_is_opened_past_the_setting() -> None:
    """DuckDB is opened in one place; elsewhere only to be limited at once."""
    opening = re.compile(r"duckdb\.connect\(")
    found = {
        str(file.relative_to(PROJECT / "dagster_project")): len(
            opening.findall(file.read_text(encoding="utf-8"))
        )
        for file in (PROJECT / "dagster_project").rglob("*.py")
    }
    found = {name: times for name, times in found.items() if times}
    assert found == {"database.py": 1, "exports/landing.py": 1, "publication/tables.py": 1}


def test_each_way_to_open_it_keeps_the_limit(tmp_path: Path) -> None:
    with connect(tmp_path / "a.duckdb") as file, connect(spill=tmp_path / "spill") as aside:
        assert limit_of(file) == limit_of(aside) == "244.1 MiB"
        assert aside.execute("select current_setting('temp_directory')").fetchone() == (
            str(tmp_path / "spill"),
        )
        draft = tmp_path / "draft"
        draft.mkdir()
        file.close()
        with open_draft(tmp_path / "a.duckdb", draft) as publishing:
            assert limit_of(publishing) == "244.1 MiB"
    assert options(most=10**9)["memory_limit"] == "256000000B"
    assert options(most=10**8, users=2)["memory_limit"] == "100000000B"
    assert options(users=4)["memory_limit"] == "64000000B"


def test_the_usual_limit_is_one_for_dbt_and_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONE_COMPANY_MEMORY")
    assert options(most=10**9, users=2)["memory_limit"] == "1000000000B"
    assert options(most=10**10) == options()
    assert options()["memory_limit"] == "2500000000B"
    profile = (DBT_PROJECT / "profiles.yml").read_text(encoding="utf-8")
    assert f"or '{database.USUAL}'" in profile


def test_the_profile_of_dbt_keeps_the_limit_and_gives_memory_back() -> None:
    profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    settings = profile["one_company"]["outputs"]["duckdb"]["settings"]
    assert "ONE_COMPANY_MEMORY" in settings["memory_limit"]
    assert {name: str(settings[name]).lower() for name in database.ALLOCATOR} == database.ALLOCATOR


def test_memory_that_a_statement_no_longer_needs_goes_back_to_the_machine() -> None:
    with connect() as connection:
        (given,) = connection.execute("select current_setting('allocator_background_threads')").fetchone()
    assert given


def test_great_expectations_keeps_the_limit_and_says_where_it_does_not_suffice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "t.parquet"
    with connect() as connection:
        connection.execute(f"copy (select 1 as a) to '{table}' (format parquet)")
    beyond = f"select * from {{table}} where {WITHIN_LIMIT.removeprefix('select ')} <> '244.1 MiB'"
    (kept,) = validate({"t": table}, {"t": [no_rows("keeps the limit", beyond)]}, tmp_path / "docs")
    assert kept.passed, kept
    assert {file.name for file in tmp_path.iterdir()} == {
        "t.parquet",
        "docs",
    }  # nothing is left beside the pages
    monkeypatch.setattr(
        database, "options", lambda spill=None, *_: {"memory_limit": "50MB", "temp_directory": ""}
    )
    monkeypatch.setattr("dagster_project.great_expectations_duckdb.options", database.options)
    with pytest.raises(NotEnoughMemory, match=r"ONE_COMPANY_MEMORY allows \(256MB\): raise it"):
        validate(
            {"t": table},
            {"t": [no_rows("fits", f"with big as ({TOO_MUCH} offset 2999999) from {{table}}, big")]},
        )


def test_a_model_that_needs_more_is_one_sentence(tmp_path: Path) -> None:
    said = "Runtime Error in model ledger\n  Out of Memory Error: failed to allocate data of size 32.0 KiB"
    done = SimpleNamespace(status="error", message=said, unique_id="model.ledger")
    nodes = {"model.ledger": {"schema": "waist", "name": "ledger"}}
    failure = Dbt(Paths(tmp_path, tmp_path, tmp_path))._failure([done], {"nodes": nodes})
    assert isinstance(failure, NotEnoughMemory)
    assert str(failure).startswith("waist.ledger: DuckDB needs more memory than ONE_COMPANY_MEMORY allows (")


def test_what_duckdb_says_is_what_is_listened_for() -> None:
    with duckdb.connect(config={"memory_limit": "50MB", "temp_directory": ""}) as connection:
        with pytest.raises(duckdb.OutOfMemoryException, match=database.OUT_OF_MEMORY):
            connection.execute(f"create table t as {TOO_MUCH}")


def test_who_set_no_limit_is_told_which_one_holds() -> None:
    assert "ONE_COMPANY_MEMORY allows (2.5GB where it is not set): raise it" in str(
        NotEnoughMemory(environment={})
    )


def test_a_connection_that_is_open_is_limited_too() -> None:
    with duckdb.connect() as connection:
        limit(connection)
        assert limit_of(connection) == "244.1 MiB"
