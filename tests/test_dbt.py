"""dbt inside Dagster, on a project of five nodes: what is built, what is told when a check fails, what stays locked."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from textwrap import dedent

import dagster as dg
import duckdb
import pytest
from dagster_dbt import dbt_assets

from dagster_project.dbt import Dbt, data_tests_of, selection
from dagster_project.failures import told_plainly
from dagster_project.paths import DBT_PROJECT, Paths

PROJECT = {
    "dbt_project.yml": """
        name: small
        version: 1.0.0
        profile: one_company
        flags: {send_anonymous_usage_stats: false}
        models: {small: {+materialized: table, room: {+schema: room}}}
    """,
    "profiles.yml": """
        one_company:
          target: "{{ env_var('ONE_COMPANY_TARGET') }}"
          outputs:
            spark: {type: spark, method: session, host: unused, schema: main, threads: 1}
            duckdb:
              {type: duckdb, path: "{{ env_var('ONE_COMPANY_HOME') }}/warehouse.duckdb", threads: 1, keep_open: true}
    """,
    "macros/schema.sql": "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}",
    "models/room/visitor.sql": "select i as visitor_id, i % 2 as door from range(10) as r (i)",
    "models/room/door.sql": "select door, count(*) as visitors from {{ ref('visitor') }} group by door",
    "models/room/tests.yml": """
        models:
          - name: visitor
            columns: [{name: visitor_id, data_tests: [unique]}]
    """,
    "tests/nobody_by_the_back_door.sql": "-- door 1 is the back\nselect *\nfrom {{ ref('visitor') }}\nwhere door = {{ env_var('BACK', '2') }}",
}


def small_project(folder: Path, engine: str = "duckdb") -> Dbt:
    """The project, written to a folder, with a home beside it."""
    for name, text in PROJECT.items():
        file = folder / "project" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
    return Dbt(Paths(folder, folder, folder / "home", engine), folder / "project")


def materialise(dbt: Dbt, *keys: str) -> dg.ExecuteInProcessResult:
    """Build the project, or some of it, as an asset job does."""
    manifest = dbt.manifest()

    @dbt_assets(manifest=manifest)
    def models(context: dg.AssetExecutionContext):
        selected = [key.path[-1] for key in context.selected_asset_keys]
        with told_plainly(context):
            yield from dbt.build(
                context, manifest, data_tests_of(manifest, [f"model.small.{name}" for name in selected])
            )

    selection = dg.AssetSelection.assets(*[["room", key] for key in keys]) if keys else None
    return dg.materialize([models], selection=selection, raise_on_error=False)


@pytest.fixture
def small(tmp_path: Path) -> Dbt:
    return small_project(tmp_path)


@pytest.fixture
def run(small: Dbt) -> Callable[..., dg.ExecuteInProcessResult]:
    return partial(materialise, small)


def built(result: dg.ExecuteInProcessResult) -> dict[str, int]:
    """Rows of each table that was materialised."""
    return {
        event.materialization.asset_key.to_user_string(): event.materialization.metadata[
            "dagster/row_count"
        ].value
        for event in result.get_asset_materialization_events()
    }


def told(result: dg.ExecuteInProcessResult) -> str:
    (failure,) = result.filter_events(lambda event: event.is_step_failure)
    return failure.step_failure_data.user_failure_data.description


def test_models_and_tests_become_materialisations_with_rows_and_checks(run):
    result = run()
    assert result.success
    assert built(result) == {"room/visitor": 10, "room/door": 2}
    checks = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert checks == {"unique_visitor_visitor_id": True, "nobody_by_the_back_door": True}


def test_only_what_is_selected_is_built(run):
    assert run("visitor").success
    result = run("door")
    assert result.success and built(result) == {"room/door": 2}
    assert not result.get_asset_check_evaluations()


def test_a_failing_test_names_check_table_rows_and_a_query_that_shows_them(run, small: Dbt, monkeypatch):
    monkeypatch.setenv("BACK", "1")
    result = run()
    assert not result.success
    sentence = told(result)
    assert "room.visitor: check nobody_by_the_back_door fails for 5 rows. See them: select * from" in sentence
    query = sentence.split("See them: ")[1]
    with duckdb.connect(str(small.paths.warehouse), read_only=True) as warehouse:
        assert len(warehouse.execute(query).fetchall()) == 5
    assert {c.check_name: c.passed for c in result.get_asset_check_evaluations()} == {
        "unique_visitor_visitor_id": True,
        "nobody_by_the_back_door": False,
    }
    assert "room/door" not in built(result)  # nothing is built on what does not hold


def test_a_model_that_breaks_is_told_by_what_the_database_said(run, small: Dbt):
    (small.project / "models/room/door.sql").write_text(
        "select error('no doors') as door from {{ ref('visitor') }}"
    )
    result = run()
    (failure,) = result.filter_events(lambda event: event.is_step_failure)
    assert "model door: Invalid Input Error: no doors" in failure.step_failure_data.error_display_string
    assert built(result) == {"room/visitor": 10}


def test_a_model_that_asks_the_user_for_something_is_told_by_its_sentence_alone(run, small: Dbt):
    (small.project / "macros/stop.sql").write_text((DBT_PROJECT / "macros/time.sql").read_text())
    model = """select case when count(*) > 0 then {{ stop("'Add door ' || max(door) || '.'") }} end as door
        from {{ ref('visitor') }}"""
    (small.project / "models/room/door.sql").write_text(model)
    assert told(run()) == "Add door 1."


def test_a_model_takes_the_place_of_what_it_was_of_either_kind_and_says_what_it_is(run, small: Dbt):
    """As the project's own models are made: by its materialisations in place of dbt-duckdb's."""
    ours = (DBT_PROJECT / "macros/materialization.sql").read_text()
    (small.project / "macros/materialization.sql").write_text(ours)
    documented = "models: [{name: door, description: It's one row., columns: [{name: door, description: 0 is $1., quote: true}]}]"
    (small.project / "models/room/door.yml").write_text(documented)
    door = small.project / "models/room/door.sql"
    config = "{{ config(materialized='%s', persist_docs={'relation': true, 'columns': true}) }}"
    query = door.read_text()

    def made() -> list[tuple]:
        with duckdb.connect(str(small.paths.warehouse), read_only=True) as warehouse:
            kind_and_comment = """
                select 'table', comment, table_name from duckdb_tables()
                union all
                select 'view', comment, view_name from duckdb_views() where not internal
            """
            column = "select comment from duckdb_columns() where table_name = 'door' and column_name = 'door'"
            assert warehouse.execute("select count(*) from room.door").fetchall() == [(2,)]
            return warehouse.execute(
                f"select *, ({column}) from ({kind_and_comment}) where table_name like 'door%'"
            ).fetchall()

    for kind in ("table", "table", "view", "view", "table"):
        door.write_text(config % kind + query)
        assert run().success
        assert made() == [(kind, "It's one row.", "door", "0 is $1.")]
    door.write_text(config % "view" + "select error('no doors') as door, nothing")
    assert not run().success
    assert made() == [("table", "It's one row.", "door", "0 is $1.")]


def test_a_warehouse_that_another_program_has_open_is_told(run, small: Dbt, monkeypatch):
    monkeypatch.setattr("dagster_project.failures.SECONDS_BETWEEN", 0)
    small.paths.home.mkdir()
    reader = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb; c = duckdb.connect({str(small.paths.warehouse)!r}); print(1, flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    reader.stdout.readline()
    try:
        sentence = told(run())
    finally:
        reader.kill()
        reader.wait()
    assert f"Another program has {small.paths.warehouse} open" in sentence and "Tried 3 times." in sentence


def test_the_file_is_free_for_other_processes_after_a_run(run, small: Dbt):
    run()
    script = f"import duckdb; print(duckdb.connect({str(small.paths.warehouse)!r}).sql('from room.door').fetchall())"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that dbt has been given."""
    given: list[list[str]] = []
    invoke = Dbt.invoke
    monkeypatch.setattr(
        Dbt, "invoke", lambda self, command, *more: (given.append(command), invoke(self, command, *more))[1]
    )
    return given


def test_the_project_is_parsed_again_only_after_a_change(small: Dbt, parses: list):
    assert small.manifest() == small.manifest() and parses == [["parse"]]
    model = small.project / "models/room/door.sql"
    before = model.stat()
    model.write_text("select 1 as door")
    os.utime(model, ns=(before.st_atime_ns, before.st_mtime_ns))  # as an unpacked archive has it
    assert small.manifest()["nodes"]["model.small.door"]["raw_code"] == "select 1 as door"
    assert len(parses) == 2
    (kept,) = small.paths.dbt_target.glob("parsed_*")
    assert {file.name for file in kept.iterdir()} == {"manifest.json", "partial_parse.msgpack"}


def test_a_command_parses_nothing_again_and_a_home_may_take_what_another_parsed(small: Dbt, parses: list):
    home = small.paths.home / "other"
    other = replace(small, paths=replace(small.paths, home=home))
    assert materialise(small).success
    (kept,) = small.paths.dbt_target.glob("parsed_*")
    shutil.copytree(kept, other.paths.dbt_target / kept.name)
    result = materialise(other)
    assert result.success and built(result) == {"room/visitor": 10, "room/door": 2}
    assert other.paths.warehouse.exists()
    assert [command[0] for command in parses] == ["parse", "build", "build"]
    assert not (other.paths.dbt_target / "partial_parse.msgpack").exists()


@pytest.mark.parametrize("name", ["manifest.json", "partial_parse.msgpack"])
@pytest.mark.parametrize("is_gone", [True, False])
def test_what_is_cut_in_half_or_gone_is_made_anew(small: Dbt, parses: list, name: str, is_gone: bool):
    whole = small.manifest()
    (kept,) = small.paths.dbt_target.glob("parsed_*")
    for file in (kept / name, small.paths.dbt_target / name):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        if is_gone:
            file.unlink()
    assert materialise(small).success
    assert small.manifest()["nodes"].keys() == whole["nodes"].keys()
    assert sorted(command[0] for command in parses) == ["build", "parse", "parse"]


def test_what_another_version_of_dbt_or_its_adapter_made_is_not_taken(
    small: Dbt, parses: list, monkeypatch: pytest.MonkeyPatch
):
    for package in ("dbt-core", "dbt-adapters", "dbt-duckdb"):
        small.manifest()
        monkeypatch.setattr(
            "dagster_project.dbt.version", lambda name, new=package: "2.0" if name == new else version(name)
        )
    small.manifest()
    assert len(parses) == 4


def test_of_processes_that_start_at_once_one_parses(small: Dbt, parses: list):
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: small.manifest(), range(3)))
    assert len(parses) == 1 and found[0] == found[1] == found[2]


def test_a_test_that_needs_a_later_model_waits_for_it():
    def node(kind: str, *parents: str) -> dict:
        return {"resource_type": kind, "depends_on": {"nodes": list(parents)}}

    manifest = {
        "nodes": {
            "model.a": node("model"),
            "test.a": node("test", "model.a"),
            "test.ab": node("test", "model.a", "model.b"),
        }
    }
    assert data_tests_of(manifest, ["model.a"], not_yet_built=["model.b"]) == ["test.a"]
    assert data_tests_of(manifest, ["model.b"]) == ["test.ab"]


def test_a_selection_names_whole_folders_and_never_what_is_not_wanted():
    names = ["room.a", "room.b", "hall.north.c", "hall.north.d", "hall.e", "law"]
    manifest = {"nodes": {name: {"fqn": ["p", *name.split(".")]} for name in names}}
    assert selection(manifest, set(names)) == ["fqn:p"]
    assert selection(manifest, {"room.a", "room.b", "law"}) == ["fqn:p.room", "fqn:p.law"]
    assert selection(manifest, {"hall.north.c", "hall.north.d"}) == ["fqn:p.hall.north"]
    assert selection(manifest, {"room.a", "hall.e"}) == ["fqn:p.room.a", "fqn:p.hall.e"]
    assert selection(manifest, set()) == []
    namesakes = {"nodes": {"model.x": {"fqn": ["p", "x"]}, "test.x": {"fqn": ["p", "x"]}}}
    assert selection(namesakes, {"model.x"}) == ["fqn:p.x"]


def test_dbt_takes_a_selection_as_it_is_meant(tmp_path: Path):
    """Each part of the project's own models, and each single node, in dbt's own words for it."""
    dbt = Dbt(Paths(tmp_path, tmp_path, tmp_path))
    manifest = dbt.manifest()
    models = [unique_id for unique_id in manifest["nodes"] if unique_id.startswith("model.")]
    for wanted in (set(models[::2]), set(models[:40]), {*models, *data_tests_of(manifest, models[:9])}):
        words = selection(manifest, wanted)
        options = [
            "--quiet",
            "--indirect-selection",
            "empty",
            "--output",
            "json",
            "--output-keys",
            "unique_id",
        ]
        listed = dbt.invoke(["list", *options, "--select", *words]).result
        assert {json.loads(line)["unique_id"] for line in listed} == wanted
