"""The benchmark gives figures, and they agree with each other. How fast anything is, no test says."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from bench.__main__ import INVITATIONS, RECORDS, SIZES, command_of, fewer_and
from bench.children import ChildFailed, Measured, Usage, run
from bench.company import Disagreement, Figures, agree, measure
from bench.definitions import OF_STEPS
from bench.goals import LARGEST, MOST_INVITATIONS, goals
from bench.identity import IdentityFigures, resolve_all, resolve_before, resolve_later, splink_alone
from bench.listening import ListeningFigures, measure_listening
from bench.report import page
from bench.sample import SampleFigures
from dagster_project.paths import PROJECT
from tests.company import give_parse
from tests.identity_warehouse import Warehouse, person

CUSTOMERS = 50
SAMPLE = SampleFigures(
    refresh_seconds=20, dbt_build_seconds=12, import_seconds=5, built_seconds=8, straight_seconds=5
)
USAGE = Usage(seconds=40, cpu_seconds=60, peak_bytes=3_000_000_000)
IDENTITY = IdentityFigures(
    records=LARGEST,
    measured={
        "resolve_all": Measured(USAGE, {"seconds": 30, "compared": 7, "customers": 3, "for_review": 1}),
        "splink_alone": Measured(USAGE, {"seconds": 10, "pairs": 7}),
        "resolve_later": Measured(USAGE, {"seconds": 5, "compared": 1, "customers": 3, "for_review": 1}),
    },
)
LISTENING = ListeningFigures(
    refreshes={
        invitations: Measured(replace(USAGE, seconds=seconds))
        for invitations, seconds in ((MOST_INVITATIONS, 160), (MOST_INVITATIONS // 10, 30), (5_000, 20))
    },
    send_window_pass=Measured(USAGE, {"seconds": 2}),
    asked_too_often=Measured(USAGE, {"seconds": 7}),
)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    found, folder = Figures(CUSTOMERS), tmp_path_factory.mktemp("bench")
    give_parse(folder / "home")
    measure(found, folder, print, with_less_memory=False)
    return found


def test_everything_is_measured(figures: Figures) -> None:
    seconds = {name: one.seconds for name, one in figures.measured.items()}
    assert len(seconds) == 13 and min(seconds.values()) > 0
    assert figures.measured["land"].told["rows"] > figures.measured["window_pass"].told["spans"] > CUSTOMERS
    assert figures.job_steps.startswith("Time: reference tables ") and figures.has("later_job")
    for name in ("dbt_build", "straight"):
        told = figures.measured[name].told
        assert 0 < told["models"] + told["tests"] <= told["seconds"]
    assert seconds["job"] > seconds["land"]


def test_the_ledger_is_that_of_customer_math(figures: Figures) -> None:
    """From the spans on, without what is not `mrr`; the month spine ended its months with the same (`agree`)."""
    told = figures.measured["mrr_ledger"].told
    assert {"ledger", "movement", "customer_math"} <= told["nodes"].keys()
    assert not {"paying_span", "trailing_amount", "purchase_window"} & told["nodes"].keys()
    assert {segment for _, segment, _, _ in told["month_ends"]} > {"all", "Enterprise"}


def test_ways_of_counting_are_measured_beside_one_ledger(figures: Figures) -> None:
    told = figures.measured["ways_of_counting"].told
    assert told["profiles"] >= 10 and told["definitions"] > told["profiles"]
    ledger, variance, bridges = (
        told[part]["nodes"].keys() for part in ("ledger", "variance", "with_bridges")
    )
    assert {"counted_line", "ledger", "movement", "period_bridge"} <= ledger and not ledger & variance
    assert {"definition_line", "definition_total", "definition_variance"} <= variance
    assert bridges - variance == set(OF_STEPS)


def test_another_end_of_a_month_is_a_disagreement(figures: Figures) -> None:
    spine = figures.measured["month_spine"]
    month, segment, customers, value = spine.told["month_ends"][0]
    told = {
        **spine.told,
        "month_ends": [[month, segment, customers + 1, value], *spine.told["month_ends"][1:]],
    }
    with pytest.raises(Disagreement, match="month spine"):
        agree({**figures.measured, "month_spine": replace(spine, told=told)})


def test_the_page_has_every_figure_and_nothing_of_this_machine(figures: Figures, tmp_path: Path) -> None:
    text = page([figures], SAMPLE, IDENTITY, LISTENING, "python -m bench")
    assert "Made by `python -m bench` on " in text and "duckdb 2.0.0" in text
    assert "| Rows landed " in text and "- `ledger`: " in text
    assert str(Path.home()) not in text and str(tmp_path.parent) not in text and str(PROJECT) not in text


def test_goals_are_judged_at_their_size(figures: Figures) -> None:
    fewer = {size // 10: measured for size, measured in LISTENING.refreshes.items()}
    few = (replace(IDENTITY, records=1_000), replace(LISTENING, refreshes=fewer))
    small = {goal.what: goal.reached for goal in goals([figures], SAMPLE, *few)}
    assert [what for what, reached in small.items() if reached is not None] == ["Whole refresh, warm, sample"]
    job = figures.measured["job"]
    sizes = [
        replace(
            figures,
            customers=customers,
            measured={**figures.measured, "job": Measured(replace(job.usage, seconds=seconds))},
        )
        for customers, seconds in ((1_000, 20), (100_000, 30), (LARGEST, 141))
    ]
    large = {goal.what: goal for goal in goals(sizes, SAMPLE, IDENTITY, LISTENING)}
    assert large["Growth from 100,000 to 1,000,000 customers"].shown == "12.1 times"
    assert large["Growth from 100,000 to 1,000,000 customers"].reached is False
    assert large["Peak memory of a refresh"].reached is True
    assert (
        large["Identity step"].shown == "3.00 times at 1,000,000 records"
        and not large["Identity step"].reached
    )
    assert large["Identity step, 1% of the records new"].reached is True
    asked = large["Growth from 500,000 to 5,000,000 invitations"]
    assert (asked.shown, asked.reached) == ("14.0 times", False)
    assert large["Who is asked too often"].shown == "3.5 times at 5,000,000 invitations"
    assert large["Peak memory of a refresh, with its surveys"].reached is True
    assert large["Variance of ten profiles or more"].shown.endswith(" at 1,000,000 customers")
    del sizes[-1].measured[
        "land"
    ]  # a goal that was not measured on the largest company is shown on the one before
    without = {goal.what: goal for goal in goals(sizes, SAMPLE, IDENTITY, LISTENING)}
    assert without["Landing"].shown.endswith(" at 100,000 customers") and without["Landing"].reached is None


def test_what_was_not_measured_is_left_empty(figures: Figures) -> None:
    cut_off = Figures(2 * CUSTOMERS, measured={"simulate": figures.measured["simulate"]})
    text = page([figures, cut_off], SAMPLE, IDENTITY, LISTENING, "make bench")
    (rows,) = [line for line in text.splitlines() if line.startswith("| Rows landed ")]
    assert rows.split("|")[-2].strip() == "" and rows.split("|")[-3].strip()


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


def test_a_page_names_the_command_that_makes_it():
    assert command_of(SIZES, False, RECORDS, INVITATIONS) == "make bench"
    assert command_of([1000], False, RECORDS, INVITATIONS) == "make bench CUSTOMERS='1000'"
    asked = "python -m bench --customers 1000 2000 --records 5 --invitations 7 --enough-memory"
    assert command_of([1000, 2000], True, 5, 7) == asked


def test_the_listening_path_is_measured(tmp_path: Path) -> None:
    give_parse(tmp_path / "4000" / "home")
    found = measure_listening(tmp_path, print, [4_000])
    assert list(found.refreshes) == [4_000] and fewer_and(4_000) == [4, 400, 4_000]
    with duckdb.connect(str(tmp_path / "4000" / "home" / "warehouse.duckdb"), read_only=True) as warehouse:
        sends, answers, said, breaches = warehouse.execute("""
            select
                (select count(*) from waist.survey_send), (select count(*) from waist.survey_answer),
                (select count(*) from listening.feedback),
                (select sum(breaches) from listening.survey_pressure
                 where unit = 'person' and period_kind = 'year' and segment = 'all' and survey_ref = 'all')
        """).fetchone()
    assert (sends, answers, said) == (4_000, 1_200, 1_600)
    assert 0 < breaches < 4_000  # somebody is asked too soon, and not everybody
    assert found.asked_too_often.seconds > 0 and found.send_window_pass.seconds > 0


def test_the_identity_step_is_measured_beside_splink_on_the_same_pairs(tmp_path: Path) -> None:
    names = ("Ada Birch", "Ada Birch", "Bo Cedar", "Bo Cedarr")
    records = [
        person(f"{street}-{n}", name=name, street=f"{street} Long Lane", city="Elm")
        for street in range(100)
        for n, name in enumerate(names)
    ]
    warehouse = Warehouse(tmp_path)
    warehouse.resolve(records)
    whole = resolve_all(warehouse.paths)
    assert whole["customers"] == 200
    assert splink_alone(warehouse.paths)["pairs"] == whole["compared"]
    before, later = resolve_before(warehouse.paths), resolve_later(warehouse.paths)
    assert 0 < later["compared"] < before["compared"] < whole["compared"]
    assert {name: later[name] for name in ("customers", "for_review")} == {
        name: whole[name] for name in ("customers", "for_review")
    }
