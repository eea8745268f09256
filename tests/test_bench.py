"""The benchmark gives figures, and they agree with each other. How fast anything is, no test says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.children import ChildFailed, run
from dagster_project.paths import PROJECT

CUSTOMERS = 50


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[float]]:
    """The table of the page that a small company gives: numbers of each row, by its first cell."""
    page = tmp_path_factory.mktemp("bench") / "docs" / "benchmark.md"
    assert main(["--customers", str(CUSTOMERS), "--page", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert f"python -m bench --customers {CUSTOMERS}" in text and re.search(r"duckdb \d", text)
    assert str(Path.home()) not in text and str(page.parent) not in text
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| :")]
    cells = [line.strip("| ").split(" | ") for line in lines]
    return {
        name.strip().replace("*", "").replace("`", ""): [
            float(number.replace(",", "")) for number in shown.split("/")
        ]
        for name, shown in cells
    }


def test_every_figure_is_there(rows: dict[str, list[float]]) -> None:
    assert rows["Customers"] == [CUSTOMERS]
    assert len(rows) == 19
    first = {name: numbers[0] for name, numbers in rows.items()}  # the second may be 0 s of tests
    del first["Load of the machine before"]
    assert all(number > 0 for number in first.values()), first


def test_rates_and_ratios_follow_from_rows_and_seconds(rows: dict[str, list[float]]) -> None:
    (landed,) = rows["Rows landed"]
    assert landed > CUSTOMERS
    assert rows["Landing, rows/s"][0] == pytest.approx(landed / rows["Landing, s"][0], rel=0.05)
    assert rows["Landing takes, times copy"][0] == pytest.approx(
        rows["Landing, s"][0] / rows["DuckDB copy, s"][0], rel=0.25
    )
    assert rows["dbt build takes, times its SQL"][0] == pytest.approx(
        rows["dbt build, s"][0] / rows["Its SQL straight, s"][0], rel=0.1
    )


def test_parts_are_no_more_than_the_whole(rows: dict[str, list[float]]) -> None:
    assert sum(rows["dbt build in models / in tests, s"]) <= rows["dbt build, s"][0] + 0.1
    assert sum(rows["Its SQL in models / in tests, s"]) <= rows["Its SQL straight, s"][0] + 0.1
    assert rows["Whole job, s"][0] > rows["Landing, s"][0]


def test_a_measurement_that_fails_says_what_it_printed(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="(?s)ended with 3.*no such company"):
        run(["-c", "print('no such company'); raise SystemExit(3)"], {}, tmp_path / "log")


def test_peak_memory_is_that_of_one_child(tmp_path: Path) -> None:
    # In a process of its own: Linux counts what a parent held when it started a child as the child's.
    code = """
import sys
from pathlib import Path
from bench.children import run
for code in ("kept = bytes(range(256)) * 800_000", "pass"):
    print(run(["-c", code], {}, Path(sys.argv[1])).peak_bytes)
"""
    told = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "log"],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    large, small = map(int, told.stdout.split())
    assert large > 200_000_000 > 100_000_000 > small
