"""The whole job, from exports to the headline: what it costs to run again, what it says when something is wrong."""

import os
import shutil
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from dagster_project.cards import cards, read_card
from dagster_project.closing.measures import MEASURES
from dagster_project.defs.models import MANIFEST
from dagster_project.exports.contracts import load_all_contracts, of_vendors
from dagster_project.words import listing
from tests.sample import refreshed
from tests.whole_job import CUSTOMERS, MINUTES, SUBSCRIPTIONS, Company, Outcome

MONTHS = """
    select period_start, opening_customers, new_customers, lost_customers, closing_customers, closing_value
    from customer_assets.customer_math
    where period_kind = 'month' and segment = 'all' and value_basis = 'mrr' order by period_start
"""


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, Outcome, Path]:
    """The small company, how its first run ended, and a copy of it as it was then."""
    folder = tmp_path_factory.mktemp("refresh")
    company = Company.small(folder / "company")
    outcome = company.refresh()
    company.keep(folder / "kept")
    return company, outcome, folder / "kept"


@pytest.fixture
def company(first_run: tuple[Company, Outcome, Path]) -> Company:
    """The small company as its first run left it."""
    company, outcome, kept = first_run
    assert outcome.code == 0, outcome.shown
    company.restore(kept)
    return company


def test_folders_may_have_any_name(company: Company, tmp_path: Path):
    """Signs that mean something in a pattern, in SQL, in an address, or to a reader of partitions ('a=b')."""
    kept = Company.small(tmp_path / "it's [a-z] *? {b} %41 a=b")
    odd = Company(tmp_path / "it's [a-z] * {b} %41 a=b" / "ann@x.example;é", kept.exports, kept.reference)
    outcome = odd.refresh()
    assert outcome.code == 0 and no_defect(outcome), outcome.shown
    assert odd.checksums() == company.checksums()
    assert "models before identity" not in odd.refresh().shown
    told = kept.refresh()
    assert told.code == 1 and "has a ? or a # in it" in told.shown and no_defect(told)


def no_defect(outcome: Outcome) -> bool:
    """Whether all that was shown is meant for a user."""
    return not any(
        words in outcome.shown
        for words in ("Traceback", "should not", "Warning", "dagster._", "Skipping step")
    )


def test_the_sample_company_in_one_command_and_again_for_next_to_nothing(
    tmp_path_factory: pytest.TempPathFactory,
):
    sample, first = refreshed(tmp_path_factory)
    assert no_defect(first), first.shown
    assert first.headline.startswith("In October 2026 you gained ") and "Why they left:" in first.headline
    assert "Tied to a customer: " in first.headline and "Publication 2026-10-31-" in first.headline
    manifest = sample.manifest()
    assert manifest["checks"]["passed"] == manifest["checks"]["of"] > 0
    for name, table in manifest["tables"].items():
        if table["file"] == "one_company.duckdb":
            assert sample.query(f"select count(*) from {name}") == [(table["rows"],)]
    comments = "select comment from duckdb_columns() where schema_name = '{}' and table_name = '{}' and column_name = '{}'"
    for card in cards(MANIFEST):
        ((comment,),) = sample.query(comments.format(*card.published_in.split("."), card.metric))
        assert read_card(card.metric, card.published_in, comment) == card

    # September closed on the export of 10 September, the last before its fifth day; what was entered later is told by cause,
    # and figures without one are as reported
    assert "Closed November 2023 to September 2026, on what was known by 2026-10-05." in first.shown
    key = "period_kind, period_start, segment, value_basis"
    for measure in MEASURES:
        untold = sample.query(f"""
            select {key} from governance.period_close as reported
            inner join customer_assets.customer_math as known using ({key})
            left join governance.restatements as told using ({key})
            where reported.{measure} + coalesce(told.difference, 0) <> known.{measure} and told.measure = '{measure}'
            union all
            select {key} from governance.period_close as reported
            inner join customer_assets.customer_math as known using ({key})
            anti join (from governance.restatements where measure = '{measure}') as told using ({key})
            where reported.{measure} <> known.{measure}
        """)
        assert not untold, (measure, untold[:5])
    august = """
        select reported, late, back_dated, corrected, identity, definitions, software, known_now from governance.restatements
        where period_kind = 'month' and period_start = '2026-08-01' and segment = 'all' and value_basis = 'mrr'
            and measure = 'lost_customers'
    """
    assert sample.query(august) == [(20, 1, 0, 0, 0, 0, 0, 21)]
    # Stripe's page is before discounts, and two cases are on nobody's
    reconciled = """
        select vendor, control, explained_by, unexplained_difference from governance.reconciliation
        where control_difference <> 0 order by all
    """
    assert sample.query(reconciled) == [
        ("salesforce", "tickets", None, 2),
        ("stripe", "invoiced", "invoice_discounts", 0),
    ]
    ledger = frozen(sample)
    assert {name.split("/")[0] for name in ledger} >= {"closes", "restatements", "states"}

    # a home goes on wherever it is moved to
    moved = replace(sample, folder=tmp_path_factory.mktemp("moved"))
    shutil.copytree(sample.home, moved.home, symlinks=True)
    second = moved.refresh()
    assert second.code == 0 and no_defect(second), second.shown
    assert frozen(moved) == ledger
    assert "No new files in" in second.shown and " landed" not in second.shown
    assert f"Nothing new: {manifest['publication_id']} has these inputs already." in second.shown
    assert moved.manifest() == manifest and len(log_of(moved)) == 1
    told = second.headline.partition("\nTime:")[0].replace(str(moved.home), str(sample.home))
    assert told == first.headline.partition("\nTime:")[0]
    assert second.cpu < first.cpu / 2


def frozen(company: Company) -> dict[str, bytes]:
    ledger = company.home / "ledger"
    return {str(file.relative_to(ledger)): file.read_bytes() for file in ledger.rglob("*.parquet")}


def log_of(company: Company) -> list[str]:
    return (company.home / "ledger" / "publications.jsonl").read_text().splitlines()


def test_with_subscriptions_and_customers_alone_the_math_is_complete_and_the_rest_says_what_is_missing(
    first_run, company: Company
):
    _, outcome, _ = first_run
    assert no_defect(outcome)
    assert (
        "In February 2026 you gained 1 customer worth EUR 100.00 a month and lost none." in outcome.headline
    )
    missing = sorted(of_vendors(load_all_contracts()).keys() - {"plain"})
    assert f"No export came from {listing(missing)}: what needs them says so." in outcome.headline
    months = [tuple(map(str, row)) for row in company.query(MONTHS)]
    assert months == [
        ("2026-01-01", "0", "2", "0", "2", "120.0000"),
        ("2026-02-01", "2", "1", "0", "3", "220.0000"),
        ("2026-03-01", "3", "0", "1", "2", "230.0000"),
    ]
    coverage = "select distinct source, status from governance.coverage order by all"
    sources = [("plain", "present"), *((vendor, "missing") for vendor in missing)]
    assert company.query(coverage) == sorted(sources)
    unknown = "select count(*) from governance.coverage where status = 'missing' and (resolved, total) is distinct from (null, null)"
    assert company.query(unknown) == [(0,)]


def test_a_broken_audit_leaves_the_last_publication_and_shows_the_rows(company: Company):
    before = company.manifest()
    company.export("plain/customers.csv", CUSTOMERS + "c4,organisation,Dogwood,small,2026-03-02\n")
    outcome = company.refresh(
        "from dagster_project.publication import audit\n"
        "law = audit.no_rows('nobody_is_ever_lost', 'select * from {table} where lost_customers > 0')\n"
        "audit.CHECKS['customer_assets.customer_math'].append(law)"
    )
    assert outcome.code != 0
    assert "nothing was published; the last publication stays" in outcome.shown
    (sentence,) = [
        line for line in outcome.shown.splitlines() if "nobody_is_ever_lost" in line and "select" in line
    ]
    assert "customer_assets.customer_math" in sentence
    query = "select * from customer_assets.customer_math where lost_customers > 0"
    rows = len(company.query(query))
    assert rows > 0 and f"{rows} rows" in sentence
    assert company.manifest() == before and company.is_free()
    assert not list((company.home / "published").glob(".draft-*"))


@pytest.mark.parametrize(
    ("asked", "link", "closing"),
    [
        ({"ONE_COMPANY_AS_OF": "2026-02-10"}, "2026-02-10", 3),
        ({"ONE_COMPANY_KNOWN_ON": "2026-03-05"}, "known-2026-03-05", 2),
    ],
)
def test_a_look_back_goes_to_the_views_and_leaves_the_present_alone(company: Company, asked, link, closing):
    log, current = log_of(company), company.current.resolve()
    outcome = company.refresh(**asked)
    assert outcome.code == 0 and no_defect(outcome), outcome.shown
    view = company.home / "published" / "views" / link
    assert company.query(MONTHS, view)[-1][4] == closing
    assert log_of(company) == log and company.current.resolve() == current
    assert company.manifest(view)["publication_id"] in outcome.headline

    again = company.refresh(**asked)
    assert again.code == 0 and no_defect(again), again.shown
    assert f"Nothing new: {company.manifest(view)['publication_id']} has" in again.shown
    assert again.headline.partition("\nTime:")[0] == outcome.headline.partition("\nTime:")[0]


def test_of_two_runs_at_once_the_second_waits_and_says_for_whom(company: Company):
    first = company.start()
    line = first.stdout.readline()
    assert line == "reference tables …\n"
    os.kill(first.pid, signal.SIGSTOP)  # it holds the lock for as long as the second needs to see it
    second = company.start()
    alarm = threading.Timer(MINUTES, second.kill)
    alarm.start()
    try:
        told = second.stdout.readline()
    finally:
        os.kill(first.pid, signal.SIGCONT)
    rest, _ = second.communicate(timeout=MINUTES)
    alarm.cancel()
    first.communicate(timeout=MINUTES)
    assert "Another run is writing to" in told and f"process {first.pid} on " in told and "Waiting" in told
    assert first.returncode == 0 and second.returncode == 0
    assert "Nothing new" in rest and "killed" not in rest


def test_files_that_cannot_be_used_change_no_number_and_are_named(company: Company):
    before = company.query(MONTHS)
    company.export("plain/customers.xlsx", b"PK\x03\x04 a workbook")
    company.export("acme/orders.csv", "order,amount\n1,2\n")
    company.export("plain/nothing.csv", b"")
    company.export("plain/subscriptions_march.csv", SUBSCRIPTIONS.partition("\n")[0] + "\n")
    outcome = company.refresh()
    assert outcome.code == 0 and no_defect(outcome), outcome.shown
    assert company.query(MONTHS) == before
    status = {entry["file"]: entry["status"] for entry in company.manifest()["refused"]}
    assert status == {
        "acme/": "refused",
        "plain/customers.xlsx": "refused",
        "plain/nothing.csv": "refused",
        "plain/subscriptions_march.csv": "held",
    }
    assert "CSV" in line_on(outcome, "customers.xlsx") and "batch_decisions.csv" in outcome.shown
    (held,) = company.query("select batch_id from governance.batches where status = 'held'")
    assert f"  plain/subscriptions_march.csv: {held[0]},accept,<role>," in outcome.headline
    assert "refused_rows" not in outcome.headline

    company.export("plain/nothing.csv", CUSTOMERS + "c4,organisation,Dogwood,small,2026-03-02\n")
    (company.exports / "plain" / "customers.xlsx").unlink()
    corrected = company.refresh()
    assert corrected.code == 0 and no_defect(corrected), corrected.shown
    assert {entry["file"] for entry in company.manifest()["refused"]} == {
        "acme/",
        "plain/subscriptions_march.csv",
    }
    assert "1 file refused: acme/; governance.batches says why." in corrected.headline
    kept = company.query("select file from governance.batches where status = 'refused' order by all")
    assert kept == [("acme/",), ("plain/customers.xlsx",), ("plain/nothing.csv",)]


def line_on(outcome: Outcome, words: str) -> str:
    return next(line for line in outcome.shown.splitlines() if words in line)


def test_a_wrong_setting_stops_the_run_before_anything_changes(company: Company):
    before = company.manifest()
    (company.reference / "settings.csv").write_text("setting,value\ngrace_days,some\n")
    outcome = company.refresh()
    assert outcome.code == 1 and no_defect(outcome)
    assert (
        "settings.csv, row 2, column value: grace_days 'some' is not a whole number from 0 on."
        in outcome.shown
    )
    assert "landing" not in outcome.shown and company.manifest() == before


def test_a_missing_exchange_rate_is_a_sentence_with_the_row_to_add(company: Company):
    before = company.manifest()
    later = SUBSCRIPTIONS + "s5,c3,2026-02-03,,10.00,SEK,month\n"
    company.export("plain/subscriptions.csv", later)
    outcome = company.refresh()
    assert outcome.code == 1 and no_defect(outcome), outcome.shown
    told = "No exchange rate for SEK on 2026-02-03: add the row SEK,2026-02-03,<rate> to fx_rate.csv."
    assert outcome.headline.strip() == told
    assert company.manifest() == before and company.is_free()
