"""Killed with SIGKILL at each of its steps and run again, the job ends as if it had never been killed."""

import random
import shutil
import time
from pathlib import Path

import dagster as dg
import pytest

from tests.whole_job import MINUTES, Company

STEPS = [
    "reference tables",
    "landing",
    "run settings",
    "models before identity",
    "identity",
    "models after identity",
    "ledger closing",
    "publication",
]
SECONDS_LATER = 0.5  # at most: publishing takes longer, so a run is never killed after it


def kill_at(company: Company, step: str) -> str:
    """Start the job and kill it within the step, or just after a short one. Returns what it showed."""
    process = company.start()
    shown = []
    try:
        for line in process.stdout:
            shown.append(line)
            if line == f"{step} …\n":
                time.sleep(random.uniform(0, SECONDS_LATER))
                break
        else:
            pytest.fail(f"the step {step} never began:\n{''.join(shown)}")
    finally:
        process.kill()
        process.stdout.close()
        process.wait(MINUTES)
    return "".join(shown)


def test_killed_at_each_step_and_run_again_the_outcome_is_that_of_a_run_never_killed(tmp_path: Path):
    company = Company.small(tmp_path / "company")
    undisturbed = company.refresh()
    assert undisturbed.code == 0, undisturbed.shown
    expected, manifest = company.checksums(), company.manifest()
    for folder in company.home.iterdir():
        if folder.is_dir() and folder.name != "dbt_target":  # dbt's cache of its project, not of any data
            shutil.rmtree(folder)
        elif folder.is_file():
            folder.unlink()

    for number, step in enumerate(STEPS):
        shown = kill_at(company, step)
        assert ("The last writer was killed" in shown) == (number > 0), shown
        assert "Another run is writing" not in shown
        assert company.is_free() and not company.current.exists(), step

    last = company.refresh()
    assert last.code == 0 and "The last writer was killed" in last.shown, last.shown
    assert company.checksums() == expected
    assert {**company.manifest(), "published_at": None} == {**manifest, "published_at": None}
    assert company.is_free()
    assert not [path for path in company.home.rglob(".draft-*")]
    with dg.DagsterInstance.from_config(str(company.home / "dagster")) as instance:
        runs = instance.get_runs()
        assert len(runs) == len(STEPS) + 1 and all(run.is_finished for run in runs)
