"""What Dagster serves: the assets and their names, owners and groups; when a run starts; when it has nothing to do."""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import dagster as dg
import pytest

from dagster_project.dbt import data_tests_of, model_keys
from dagster_project.definitions import defs
from dagster_project.defs.gate import run_settings
from dagster_project.defs.landing import landing
from dagster_project.defs.models import MANIFEST, models_after_identity, models_before_identity
from dagster_project.defs.publication import publication
from dagster_project.defs.reference import reference_tables
from dagster_project.defs.resources import Writer
from dagster_project.defs.triggers import company_time_zone, new_exports
from dagster_project.paths import Paths
from dagster_project.plan import landed_batches, last_day, read_plan
from dagster_project.publication import Publication
from dagster_project.settings import Asked, asked

EXPORT = "subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval\ns1,c1,2026-01-01,,10.00,EUR,month\n"


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """A company with one export and no reference tables."""
    for setting, folder in {"EXPORTS": "exports/plain", "REFERENCE": "reference", "HOME": "home"}.items():
        (tmp_path / folder).mkdir(parents=True)
        monkeypatch.setenv(f"ONE_COMPANY_{setting}", str(tmp_path / folder.split("/")[0]))
    monkeypatch.delenv("ONE_COMPANY_AS_OF", raising=False)
    monkeypatch.delenv("ONE_COMPANY_KNOWN_ON", raising=False)
    (tmp_path / "exports/plain/subscriptions.csv").write_text(EXPORT)
    return Paths.from_environment()


def test_the_parts_hold_every_model_and_every_test_once():
    before, after = models_before_identity.keys, models_after_identity.keys
    models = model_keys(MANIFEST)
    assert before | after == set(models.values()) and not before & after
    first = [unique_id for unique_id, key in models.items() if key in before]
    second = [unique_id for unique_id, key in models.items() if key in after]
    tests = {unique_id for unique_id, node in MANIFEST["nodes"].items() if node["resource_type"] == "test"}
    in_first, in_second = data_tests_of(MANIFEST, first, second), data_tests_of(MANIFEST, second)
    assert set(in_first) | set(in_second) == tests and not set(in_first) & set(in_second)


def test_what_identity_reads_is_built_before_it_and_nothing_that_reads_it():
    graph = defs.resolve_asset_graph()
    for key in graph.get(dg.AssetKey(["identity", "cluster"])).parent_keys:
        assert key in models_before_identity.keys
    for key in models_before_identity.keys:
        assert not any(parent.path[0] == "identity" for parent in graph.get(key).parent_keys)


def test_every_source_that_a_model_reads_is_an_asset_of_ours():
    graph = defs.resolve_asset_graph()
    assert [key for key in graph.get_all_asset_keys() if not graph.get(key).is_materializable] == []


def test_every_asset_has_a_group_a_role_as_owner_and_a_kind():
    for spec in defs.resolve_all_asset_specs():
        assert spec.group_name not in (None, "default", "other"), spec.key
        assert spec.owners and set(spec.owners) <= {"team:cco-office", "team:data"}, spec.key
        assert spec.kinds, spec.key


def test_models_are_grouped_by_their_folder_and_named_by_dbt():
    groups = {spec.key: spec.group_name for spec in defs.resolve_all_asset_specs()}
    for unique_id, key in model_keys(MANIFEST).items():
        node = MANIFEST["nodes"][unique_id]
        assert key.path == [node["config"]["schema"], node["name"]]
        assert groups[key] == node["fqn"][1]


def test_the_jobs_are_told_plainly_and_run_in_one_process():
    for name in ("refresh", "roll_back"):
        assert defs.resolve_job_def(name).executor_def.name == "in_process"
    keys = {key for key in defs.resolve_job_def("refresh").asset_layer.executable_asset_keys}
    assert keys == set(defs.resolve_all_asset_keys())


def test_nothing_new_skips_all_that_follows(paths: Paths):
    @dg.asset(deps=[["run", "settings"]])
    def follows() -> None: ...

    def materialised() -> set[str]:
        assets = [reference_tables, landing, run_settings, follows]
        result = dg.materialize(assets, resources={"writer": Writer()})
        return {event.asset_key.to_user_string() for event in result.get_asset_materialization_events()}

    first = materialised()
    assert {"run/settings", "follows", "reference/settings", "plain/subscriptions", "log/batches"} <= first
    plan = read_plan(paths)
    assert plan.asked == Asked() and not plan.is_built

    published = paths.published / "2026-01-01-aaaa"
    published.mkdir(parents=True)
    stated = {
        "format": 1,
        "fingerprint": plan.fingerprint,
        "published_at": "2026-01-02T00:00:00+00:00",
        "as_of_on": "2026-01-01",
    }
    kept = {"publication_id": published.name, "known_on": None, "project_version": "0", "batches": 1}
    (published / "manifest.json").write_text(json.dumps(stated | kept))
    paths.current.symlink_to(published.name)
    assert materialised() == first - {"run/settings", "follows"}

    (paths.reference / "segment_rule.csv").write_text("segment,lapse_days\nShop,30\n")
    assert materialised() == first  # another byte in a reference table is something new


def test_a_run_with_nothing_new_is_told_in_our_words_alone(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("dagster_project.defs.gate.nothing_new", lambda *_: "Nothing new.")
    monkeypatch.setattr(
        logging.getLogger(), "handlers", []
    )  # pytest's own take what would reach the terminal
    with dg.DagsterInstance.ephemeral() as instance:
        job = defs.resolve_job_def("refresh")
        assert job.execute_in_process(instance=instance).success
    shown = capfd.readouterr()
    assert "  Nothing new." in shown.out.splitlines()
    lines = [line for line in (shown.out + shown.err).splitlines() if not line.startswith("  ")]
    assert lines == ["reference tables …", "landing …", "run settings …"]


def test_publishing_what_readers_have_already_is_no_failure(paths: Paths, monkeypatch: pytest.MonkeyPatch):
    manifest = {"tables": {}, "published_at": "2026-01-02T00:00:00+00:00"}
    there = Publication("2026-01-01-aaaa", paths.published, manifest, is_new=False)
    for name, stands_in in {"publish": lambda *_: there, "read_plan": Mock(), "edition_of": Mock()}.items():
        monkeypatch.setattr(f"dagster_project.defs.publication.{name}", stands_in)
    result = dg.materialize([publication], resources={"writer": Writer()})
    assert result.success
    passed = {check.check_name for check in result.get_asset_check_evaluations() if check.passed}
    assert passed == {key.name for key in publication.check_keys}


def test_a_day_asked_for_in_the_launchpad_counts(paths: Paths):
    config = dg.RunConfig({"run__settings": {"config": {"as_of": "2026-01-31"}}})
    dg.materialize(
        [reference_tables, landing, run_settings], resources={"writer": Writer()}, run_config=config
    )
    assert read_plan(paths).asked.as_of_on.isoformat() == "2026-01-31"


@pytest.mark.parametrize(
    "setting, field", [("ONE_COMPANY_AS_OF", "as_of"), ("ONE_COMPANY_KNOWN_ON", "known_on")]
)
def test_a_day_that_has_not_come_is_refused(paths: Paths, setting: str, field: str):
    def ask(day: str) -> dg.ExecuteInProcessResult:
        config = dg.RunConfig({"run__settings": {"config": {field: day}}})
        assets = [reference_tables, landing, run_settings]
        return dg.materialize(assets, resources={"writer": Writer()}, run_config=config, raise_on_error=False)

    today = datetime.now(UTC).date()
    assert ask(str(today)).success
    for day in (str(today + timedelta(days=2)), "9999-12-31"):
        refused = ask(day)
        (failure,) = refused.filter_events(lambda event: event.is_step_failure)
        told = failure.step_failure_data.user_failure_data.description
        assert told.startswith(f"{setting}: {day} has not come yet, and the newest export is no later than ")
    assert str(read_plan(paths).asked) == str(asked({setting: str(today)}))


def test_exports_that_are_ahead_of_the_clock_may_be_stated_for_their_day(paths: Paths):
    ahead = datetime.now(UTC).date() + timedelta(days=30)
    (paths.exports / "plain/subscriptions.csv").rename(paths.exports / f"plain/subscriptions_{ahead}.csv")
    dg.materialize([reference_tables, landing], resources={"writer": Writer()})
    assert last_day(paths, "Asia/Tokyo") == ahead and last_day(paths, "America/New_York") < ahead


def look(cursor: str | None) -> tuple[list[str], str | None, str | None]:
    """One look of the sensor: the run keys it asks for, why it asks for none, and what it remembers."""
    with dg.DagsterInstance.ephemeral() as instance:
        data = new_exports.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=cursor))
    return [request.run_key for request in data.run_requests], data.skip_message, data.cursor


def test_the_sensor_waits_until_files_stop_growing_and_fires_once(paths: Paths):
    export = paths.exports / "plain" / "subscriptions.csv"
    asked_for, why, cursor = look(None)
    assert not asked_for and "waiting until they stop growing" in why
    with export.open("a") as file:
        file.write("s2,c2,2026-01-01,,10.00,EUR,month\n")
    asked_for, why, cursor = look(cursor)
    assert not asked_for  # it grew since the last look
    asked_for, why, cursor = look(cursor)
    assert len(asked_for) == 1 and asked_for[0]
    asked_for, why, cursor = look(cursor)
    assert not asked_for and why == "Nothing new."


def test_the_schedule_keeps_the_companys_hours_and_a_reference_folder_out_of_reach_stops_no_start(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
):
    (paths.reference / "settings.csv").write_text("setting,value\ntime_zone,Asia/Tokyo\n")
    assert company_time_zone() == "Asia/Tokyo"
    (paths.reference / "loss_reason.csv").mkdir()
    assert company_time_zone() == "UTC"
    gone = OSError(5, "Input/output error")
    monkeypatch.setattr("dagster_project.defs.triggers.read_reference", Mock(side_effect=gone))
    assert company_time_zone() == "UTC"


def test_landing_says_which_silo_no_source_is_called(paths: Paths, capfd: pytest.CaptureFixture[str]):
    (paths.reference / "loss_reason.csv").write_text("silo,code,reason\ncrm,a,price\nplain,a,price\n")
    assert dg.materialize([reference_tables, landing], resources={"writer": Writer()}).success
    shown = capfd.readouterr()
    assert (shown.out + shown.err).count("column silo: no source is called 'crm'") == 1


def test_a_run_says_what_of_the_reference_folder_it_left_aside(
    paths: Paths, capfd: pytest.CaptureFixture[str]
):
    (paths.reference / "settings.xlsx").write_text("time_zone")
    assert dg.materialize([reference_tables, landing], resources={"writer": Writer()}).success
    assert "settings.xlsx in" in "".join(capfd.readouterr())
    (batch_id,) = landed_batches(paths)
    (paths.reference / "batch_decisions.csv").write_text(
        "batch_id,decision,decided_by,decided_on,why\n"
        f"{batch_id},refuse,data,2026-01-31,half of it is missing\n0f3a9c1b,accept,data,2026-01-31,it is right\n"
    )
    assert dg.materialize([reference_tables, landing], resources={"writer": Writer()}).success
    shown = "".join(capfd.readouterr())
    assert shown.count(f"'{batch_id}' was accepted before, and stays so") == 1
    assert shown.count("row 3, column batch_id: '0f3a9c1b' is no batch") == 1


def test_a_folder_without_files_starts_nothing(paths: Paths):
    (paths.exports / "plain" / "subscriptions.csv").unlink()
    assert look(None)[0] == []
