"""What a person sees while a run works, and where it points when a step fails."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.console import console
from dagster_project.disk import no_room
from dagster_project.errors import UserError
from dagster_project.failures import told_plainly


@dg.asset(
    key=["stripe", "invoices"], check_specs=[dg.AssetCheckSpec("complete", asset=["stripe", "invoices"])]
)
def invoices(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    context.log.info("A file is held back.")
    yield dg.MaterializeResult(metadata={"dagster/row_count": 12345, "seconds": 0.5})
    yield dg.AssetCheckResult(passed=True)


@dg.asset
def wrong_cell(context: dg.AssetExecutionContext) -> None:
    with told_plainly(context):
        raise UserError("fx_rate.csv, row 2, column rate: '0,92' is not a number.")


@dg.asset
def defect() -> None:
    raise KeyError("nobody thought of this")


@dg.asset
def slips(context: dg.AssetExecutionContext) -> None:
    with told_plainly(context):
        if not context.retry_number:
            raise OSError(5, "Input/output error")


@dg.asset
def full(context: dg.AssetExecutionContext) -> None:
    with told_plainly(context):
        raise OSError(28, "No space left on device", "/data/landing")


@dg.asset
def full_in_words(context: dg.AssetExecutionContext) -> None:
    with told_plainly(context):
        raise sqlite3.OperationalError("database or disk is full")


@dg.asset
def full_outside() -> None:
    raise OSError(28, "No space left on device", "/data/landing")


@dg.asset(check_specs=[dg.AssetCheckSpec("law", asset="unlawful")])
def unlawful() -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    yield dg.MaterializeResult()
    yield dg.AssetCheckResult(passed=False)


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """Run assets as the jobs do; returns the run's success and all that the terminal showed."""
    monkeypatch.setenv("ONE_COMPANY_HOME", str(tmp_path))
    monkeypatch.setattr("dagster_project.failures.SECONDS_BETWEEN", 0)

    def run(*assets: dg.AssetsDefinition) -> tuple[bool, str]:
        job = dg.define_asset_job("some", config={"loggers": {"console": {}}})
        defs = dg.Definitions(
            assets, jobs=[job], loggers={"console": console}, executor=dg.in_process_executor
        )
        result = defs.resolve_job_def("some").execute_in_process(raise_on_error=False)
        shown = capfd.readouterr()
        return result.success, shown.out + shown.err

    return run


def test_progress_is_what_was_built_how_many_rows_and_how_long_it_took(seen):
    success, shown = seen(invoices)
    lines = shown.splitlines()
    assert success
    assert lines[0] == "stripe invoices …"
    assert lines[1] == "  A file is held back."
    assert lines[2].split() == ["stripe.invoices", "12,345", "rows", "0.50", "s"]
    assert lines[3].startswith("  done in ") and lines[3].endswith(" s, 1 check passed")
    assert len(lines) == 4  # nothing of Dagster's own


def test_what_a_user_can_put_right_is_a_sentence_and_no_traceback(seen, tmp_path: Path):
    success, shown = seen(wrong_cell)
    assert not success
    assert "\nfx_rate.csv, row 2, column rate: '0,92' is not a number.\n" in shown
    assert "Traceback" not in shown and "dagster." not in shown and not (tmp_path / "logs").exists()


def test_a_defect_is_a_sentence_and_the_place_of_its_traceback(seen, tmp_path: Path):
    success, shown = seen(defect)
    file = tmp_path / "logs" / "defect.log"
    assert not success
    assert "defect failed in a way it should not: 'nobody thought of this'" in shown
    assert f"The details are in {file}." in shown
    assert 'raise KeyError("nobody thought of this")' in file.read_text()
    assert "Traceback" not in shown and "raise KeyError" not in shown


def test_what_may_pass_is_tried_again(seen):
    success, shown = seen(slips)
    assert success and "Input/output error. Trying again in 0 seconds." in shown


def test_a_full_disk_is_told_and_not_tried_again(seen):
    success, shown = seen(full)
    assert (
        not success and "/data/landing: the disk is full; make room." in shown and "Trying again" not in shown
    )


@pytest.mark.parametrize("asset", [full_in_words, full_outside])
def test_a_full_disk_is_no_defect_however_it_is_told(seen, tmp_path: Path, asset: dg.AssetsDefinition):
    success, shown = seen(asset)
    assert not success and f"\n{no_room(tmp_path)}\n" in shown
    assert "should not" not in shown and not (tmp_path / "logs").exists()


def test_of_a_defect_whose_traceback_cannot_be_kept_both_are_told(seen, tmp_path: Path):
    file = tmp_path / "logs" / "defect.log"
    file.parent.touch()  # where a folder is to be
    success, shown = seen(defect)
    assert not success
    assert shown.endswith(
        "\ndefect failed in a way it should not: 'nobody thought of this'\n"
        f"The details could not be kept in {file} (File exists).\n"
    )


def test_a_failed_check_is_shown(seen):
    _, shown = seen(unlawful)
    assert "  check failed: unlawful law" in shown
