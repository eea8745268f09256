"""What is told of files that were not taken in: while they lie in the exports folder, and no longer."""

import shutil
import zipfile
from pathlib import Path

import duckdb
import pytest

from dagster_project.headline import headline
from dagster_project.publication import publish
from dagster_project.publication.refused import refused
from tests.landing_helpers import SUBSCRIPTIONS, Company, subscriptions
from tests.publication_warehouse import make_edition, make_paths, make_warehouse, no_audit

BROKEN = "nothing,known\n1,2\n"


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """One with a file of each kind that waits for somebody, one with a refused record, and one that is right."""
    company = Company(tmp_path)
    company.write("plain/shop/a_2026-01-31.csv", subscriptions(4) + "short,row\n")
    company.write("plain/shop/b_2026-02-28.csv", subscriptions(5))
    company.write("plain/shop/none_2026-03-31.csv", f"{SUBSCRIPTIONS}\n")
    company.write("plain/x.csv", BROKEN)
    company.write("plain/y.xlsx", b"PK\x03\x04 a workbook")
    with zipfile.ZipFile(company.paths.exports / "plain" / "z.zip", "w") as archive:
        archive.writestr("in.csv", BROKEN + "3,4\n")
    company.write("acme/orders.csv", "order,amount\n1,2\n")
    return company


ALL = {
    "acme/": "refused",
    "plain/shop/a_2026-01-31.csv": "accepted",
    "plain/shop/none_2026-03-31.csv": "held",
    "plain/x.csv": "refused",
    "plain/y.xlsx": "refused",
    "plain/z.zip/in.csv": "refused",
}


def told(company: Company) -> dict[str, str]:
    """File -> status of what is told, after all is landed that is there."""
    company.land()
    return told_of(company)


def told_of(company: Company) -> dict[str, str]:
    with duckdb.connect() as connection:
        log = company.paths.landed("log", "batches")
        connection.execute(f"create table batches as from '{log}/*.parquet'")
        return {
            entry["file"]: entry["status"] for entry in refused(connection, "batches", company.paths.exports)
        }


def test_what_waits_in_the_exports_folder_is_told_of_at_each_run(company: Company):
    assert told(company) == ALL
    assert told(company) == ALL


def test_a_corrected_file_is_told_of_no_more_and_its_row_stays(company: Company):
    company.land()
    company.write("plain/x.csv", subscriptions(4))
    company.write("plain/y.csv", subscriptions(5))
    (company.paths.exports / "plain" / "y.xlsx").unlink()
    company.write("plain/shop/none_2026-03-31.csv", subscriptions(5, "11.00"))
    left = ALL.keys() - {"plain/x.csv", "plain/y.xlsx", "plain/shop/none_2026-03-31.csv"}
    assert told(company) == {file: ALL[file] for file in left}
    log = company.log("file, status")
    assert [status for file, status in log if file == "plain/x.csv"].count("refused") == 1
    assert ("plain/shop/none_2026-03-31.csv", "held") in log and ("plain/y.xlsx", "refused") in log


def test_a_file_that_is_broken_again_is_told_of_again(company: Company):
    company.write("plain/x.csv", subscriptions(4))
    assert "plain/x.csv" not in told(company)
    company.write("plain/x.csv", BROKEN)
    assert told(company)["plain/x.csv"] == "refused"
    company.write("plain/x.csv", subscriptions(4))
    assert "plain/x.csv" not in told(company)


def test_a_file_that_is_taken_away_is_told_of_once_it_is_back(company: Company):
    company.land()
    kept = company.paths.home / "kept"
    (company.paths.exports / "plain").rename(kept)
    assert told(company) == {file: ALL[file] for file in ("acme/", "plain/shop/a_2026-01-31.csv")}
    kept.rename(company.paths.exports / "plain")
    assert told(company) == ALL


def test_a_file_that_is_only_renamed_waits_still(company: Company):
    company.land()
    file = company.paths.exports / "plain" / "x.csv"
    file.rename(file.with_name("renamed.csv"))
    assert told(company) == ALL
    file.with_name("renamed.csv").rename(company.paths.exports / "plain" / "shop" / "x.csv")
    left = told(company)  # another system's, and so another batch
    assert "plain/x.csv" not in left and left["plain/shop/x.csv"] == "refused"


def test_without_an_exports_folder_nobody_can_tell_what_was_taken_away(company: Company):
    company.land()
    shutil.rmtree(company.paths.exports)
    assert told_of(company) == ALL


def test_the_manifest_and_the_headline_tell_what_waits_and_governance_batches_the_rest(tmp_path: Path):
    paths = make_paths(tmp_path)
    make_warehouse(paths)
    held = publish(paths, make_edition(), audit=no_audit)
    assert [entry["status"] for entry in held.manifest["refused"]] == ["accepted", "held"]
    assert "1 file held" in headline(paths)
    paths.exports.mkdir()
    assert "held" not in headline(paths)  # gone since the publication was made, and nothing else is new
    assert "1 record refused; governance.refused_rows says which and why." in headline(paths)
    gone = publish(paths, make_edition("b" * 64), audit=no_audit)
    assert [entry["status"] for entry in gone.manifest["refused"]] == ["accepted"]
    with duckdb.connect(gone.folder / "one_company.duckdb", read_only=True) as connection:
        rows = connection.execute("select count(*) from governance.batches where status = 'held'").fetchall()
    assert rows == [(1,)]
