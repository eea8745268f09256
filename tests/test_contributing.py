"""CONTRIBUTING.md is true: its files, put into a copy of the project, do what it says of them."""

import re
import shutil
from functools import cache, partial
from pathlib import Path

import duckdb
import pytest

from dagster_project import reference
from dagster_project.dbt import Dbt
from dagster_project.exports.contracts import load_all_contracts, load_contracts
from dagster_project.paths import DBT_PROJECT, PROJECT
from tests import company

SNIPPET = re.compile(r"^`([^`\n]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SUBSCRIPTIONS = """subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval
s1,c1,2026-01-01,2026-03-01,10.00,EUR,month
s2,c1,2026-05-01,,10.00,EUR,month
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with every file of CONTRIBUTING.md in it, and a company of one customer who came back."""
    root = tmp_path_factory.mktemp("contributing")
    unwanted = shutil.ignore_patterns("target", "logs")
    shutil.copytree(DBT_PROJECT, root / "dbt_project", ignore=unwanted)
    snippets = dict(SNIPPET.findall((PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    assert len(snippets) == 6, "each walk has its files, each with its path above it"
    snippets["exports/plain/shop/subscriptions.csv"] = SUBSCRIPTIONS
    for path, text in snippets.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def warehouse(copy: Path) -> duckdb.DuckDBPyConnection:
    contracts = copy / "dbt_project" / "models" / "staging"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(company, "COMPILED_FOR", copy / "compiled")
        patch.setattr(company, "Dbt", partial(Dbt, project=copy / "dbt_project"))
        patch.setattr(company, "manifest", cache(company.manifest.__wrapped__))
        patch.setattr(company, "models", cache(company.models.__wrapped__))
        # other models than the project's: nothing that was built of those is copied
        patch.setattr(company, "same_as_of_nothing", lambda paths: set())
        patch.setattr(company, "load_all_contracts", partial(load_all_contracts, contracts))
        patch.setattr(reference, "load_contracts", partial(load_contracts, root=contracts))
        yield company.build(copy / "exports", copy / "reference", copy / "home")


def test_the_vendor_object_lands_and_a_bad_record_is_refused(warehouse):
    found = warehouse.execute(
        "select source_ref, amount::varchar from staging.stg_plain__gift_cards"
    ).fetchall()
    assert found == [("G-1", "25.0000")]
    refused = warehouse.execute("select object, record, field from governance.refused_rows").fetchall()
    assert refused == [("gift_cards", 2, "given_on")]


def test_the_measure_counts_who_came_back(warehouse):
    found = warehouse.execute(
        "select period_start::varchar from customer_assets.win_backs "
        "where period_kind = 'month' and win_backs = 1"
    ).fetchall()
    assert found == [("2026-05-01",)]


def test_the_reference_table_is_copied_and_checked(copy, warehouse, tmp_path, monkeypatch):
    file = copy / "home" / "inputs" / "reference" / "region" / "table.parquet"
    assert warehouse.execute(f"select * from '{file}' order by all").fetchall() == [
        ("Chile", "south"),
        ("Norway", "north"),
    ]
    contracts = copy / "dbt_project" / "models" / "staging"
    monkeypatch.setattr(reference, "load_contracts", partial(load_contracts, root=contracts))
    (tmp_path / "region.csv").write_text("country,region\nNorway,up\n")
    promised = "region.csv, row 2, column region: 'up' is not known; write one of north, south."
    assert promised in (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    with pytest.raises(reference.ReferenceProblems, match=re.escape(promised)):
        reference.read_reference(tmp_path)
