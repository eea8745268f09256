"""The sample company as one refresh makes it: whichever test needs it first runs the job, for all processes of the session."""

import fcntl
import json
import os
from dataclasses import asdict

import pytest

from dagster_project.paths import PROJECT
from tests.whole_job import Company, Outcome

EXPORTS, REFERENCE = (PROJECT / "seeds" / folder for folder in ("exports", "reference"))


def refreshed(factory: pytest.TempPathFactory) -> tuple[Company, Outcome]:
    """The company, to be read and not written to, and how its run ended."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sample_company"
    company, ended = Company(folder, EXPORTS, REFERENCE), folder / "outcome.json"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ended.exists():
            ended.write_text(json.dumps(asdict(company.refresh(ONE_COMPANY_TARGET="duckdb"))))
    outcome = Outcome(**json.loads(ended.read_text()))
    assert outcome.code == 0, outcome.shown
    return company, outcome
