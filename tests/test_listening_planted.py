"""What is planted in how a company listens is found, however strong; in an honest company hardly anything is."""

import sys
from pathlib import Path

import duckdb
import pytest

from dagster_project.paths import PROJECT
from tests.company import build
from tests.oracles import plants

sys.path.insert(0, str(PROJECT / "seeds" / "exports"))
from simulate import HONEST, PLANTED, simulate  # noqa: E402

REFERENCE = PROJECT / "seeds" / "reference"


def company(folder: Path, seed: int, listening: str) -> duckdb.DuckDBPyConnection:
    simulate(folder / "exports", folder / "truth", customers=450, seed=seed, listening=listening)
    return build(folder / "exports", REFERENCE, folder / "home", rooms=["listening"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path


@pytest.mark.parametrize("seed", [12])
def test_what_is_planted_is_found(folder: Path, seed: int) -> None:
    with company(folder, seed, PLANTED) as warehouse:
        assert list(plants.missed(warehouse, folder / "truth")) == []


def test_an_honest_company_has_hardly_an_alarm(folder: Path) -> None:
    """Of some 3 signs one in a hundred is false, of some 300 categories and months one in a thousand."""
    with company(folder, 12, HONEST) as warehouse:
        assert list(plants.missed(warehouse, folder / "truth")) == []
        alarms = plants.false_alarms(warehouse)
    assert alarms["wording and staff"][0] == 0
    assert alarms["gaming"][1] >= 3 and alarms["emerging"][1] >= 200
    assert alarms["gaming"][0] <= 1 and alarms["emerging"][0] <= 3
