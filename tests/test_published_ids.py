"""Three runs of the whole job: two published customers turn out to be one, and then to be two after all."""

import multiprocessing
import os
import sys
from contextlib import redirect_stdout
from decimal import Decimal
from io import StringIO

import pytest

from dagster_project.__main__ import main
from dagster_project.explain import explain
from dagster_project.paths import Paths
from tests.whole_job import MINUTES, Company

PROSPECT = (
    "customer_ref,kind,name,segment,created_at\np{month},organisation,Prospect {month},,2026-{month}-15\n"
)
DECISION = (
    "decision,vendor,system,object,source_ref,other_vendor,other_system,other_object,other_source_ref,decided_by,decided_on,why\n"
    "must_link,plain,,customers,c1,plain,,customers,c3,team:cco-office,2026-04-15,One owner\n"
)
MONTHS = """
    select cast(period_start as varchar), opening_customers, new_customers, won_back_customers, lost_customers,
        merged_customers, closing_customers, opening_value, transferred_in_value, transferred_out_value, closing_value
    from customer_assets.customer_math
    where period_kind = 'month' and segment = 'all' and value_basis = 'mrr' order by all
"""
MOVED = """
    select cast(moved_on as varchar), movement, segment, mrr_value from customer_assets.value_movement
    where movement in ('merged', 'split', 'handed_over', 'taken_over', 'transferred_in', 'transferred_out') order by all
"""


def publish_each_month(company: Company) -> None:
    """By one process, whose start takes longer than a run of so small a company."""
    settings = company.environment
    os.environ.clear()
    os.environ.update(settings)
    decisions = company.reference / "identity_decisions.csv"
    for month in ("03", "04", "05"):
        company.export(f"plain/leads/customers_2026-{month}-15.csv", PROSPECT.format(month=month))
        decisions.unlink(missing_ok=True)
        if month == "04":
            decisions.write_text(DECISION)
        with redirect_stdout(StringIO()) as shown:
            code = main(["refresh"])
        (company.folder / f"shown_{month}").write_text(shown.getvalue())
        if code:
            sys.exit(shown.getvalue())
        (company.folder / f"publication_{month}").symlink_to(company.current.resolve())


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Published in March, with a steward's decision in April, which is taken back in May."""
    company = Company.small(tmp_path_factory.mktemp("published_ids"))
    child = multiprocessing.get_context("spawn").Process(target=publish_each_month, args=(company,))
    child.start()
    child.join(MINUTES)
    assert child.exitcode == 0
    return company


def of(company: Company, month: str, query: str) -> list[tuple]:
    return company.query(query, company.folder / f"publication_{month}")


def test_earlier_periods_keep_what_was_published_of_them(company: Company) -> None:
    published, later = of(company, "03", MONTHS), of(company, "05", MONTHS)
    assert [row[0] for row in published] == ["2026-01-01", "2026-02-01", "2026-03-01"]
    assert later[:3] == published


def test_a_merge_and_a_split_are_of_the_day_of_the_run_that_found_them(company: Company) -> None:
    assert of(company, "03", MOVED) == []
    merged = [("2026-04-15", "merged", "small", 100), ("2026-04-15", "taken_over", "large", 100)]
    assert of(company, "04", MOVED) == merged
    assert of(company, "05", MOVED) == [
        *merged,
        ("2026-05-15", "handed_over", "large", 100),
        ("2026-05-15", "split", "small", 100),
    ]


def test_nobody_is_lost_won_back_or_new_by_them(company: Company) -> None:
    rows = {row[0]: row[1:] for row in of(company, "05", MONTHS)}
    value = Decimal(230)
    assert rows["2026-04-01"] == (2, 0, 0, 0, 1, 1, value, 0, 0, value)
    assert rows["2026-05-01"] == (1, 0, 0, 0, -1, 2, value, 0, 0, value)


def test_the_first_id_comes_back_with_its_record(company: Company) -> None:
    stays = "select customer_id, cast(valid_from as varchar) from core.identity_map where source_ref = 'c3' order by valid_from nulls first"
    (first, since), (_, april), (again, may) = of(company, "05", stays)
    assert (since, april, may) == (None, "2026-04-15", "2026-05-15") and again == first


def test_the_headline_and_the_explanation_say_so(company: Company) -> None:
    assert "1 customer turned out to be another one" in (company.folder / "shown_04").read_text()
    assert "1 customer had been taken for another one" in (company.folder / "shown_05").read_text()
    told = explain(Paths(company.exports, company.reference, company.home), "2026-05", "merged_customers")
    assert told[-1] == "Together that is -1: exactly the figure."
    assert any("until then" in line for line in told)
