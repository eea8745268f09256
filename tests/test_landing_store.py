"""The landing as a backup brings it back: with its log or without, whole or not, of this version or another."""

import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project.exports.store import CONTRACT_FILE, LandingBroken
from tests.landing_helpers import Company, subscriptions


@pytest.fixture
def company(tmp_path):
    """One with two batches, of which one has a refused record, and a file that is refused."""
    company = Company(tmp_path)
    company.write("plain/shop/a_2026-01-31.csv", subscriptions(4) + "short,row\n")
    company.write("plain/b_2026-02-28.csv", "customer_ref\nc1\n")
    company.write("plain/c.csv", "nothing,known\n1,2\n")
    company.land()
    return company


def everything(company: Company) -> list:
    return [
        company.log("*"),
        company.rows("plain", "subscriptions"),
        company.rows("plain", "customers"),
        company.refused(),
    ]


def batch(company: Company, kind: str):
    (file,) = [
        file for file in company.paths.landed("plain", kind).glob("*.parquet") if file.name != CONTRACT_FILE
    ]
    return file


def without_exports(company: Company) -> None:
    shutil.rmtree(company.paths.exports)
    company.paths.exports.mkdir()


def test_a_lost_log_is_made_again_from_the_batches(company):
    before = everything(company)
    shutil.rmtree(company.paths.landed("log", "batches"))
    without_exports(company)
    company.land()
    after = everything(company)
    assert after[1:] == before[1:]
    assert after[0] == [row for row in before[0] if "accepted" in row]
    assert "2 files of the landing had no entry in its log" in company.said[-1]
    assert company.land().files == [] and everything(company) == after


def without_a_word(file) -> None:
    """The batch as one that was not written by a run."""
    pq.write_table(pq.read_table(file).replace_schema_metadata(None), file)


def test_a_batch_that_nobody_knows_is_put_away_and_not_deleted(company):
    file = batch(company, "subscriptions")
    without_a_word(file)
    content = file.read_bytes()
    (company.paths.landed("log", "batches") / file.name).unlink()
    without_exports(company)
    company.land()
    lost = company.paths.landing / "lost" / "plain" / "subscriptions" / file.name
    assert lost.read_bytes() == content and str(lost) in company.said[-1]
    assert company.rows("plain", "subscriptions") == [] and len(company.rows("plain", "customers")) == 1


def test_a_lost_log_that_nobody_can_make_again_stops_the_run(company):
    for kind in ("subscriptions", "customers"):
        without_a_word(batch(company, kind))
    shutil.rmtree(company.paths.landed("log", "batches"))
    with pytest.raises(LandingBroken, match=r"log/batches is empty.* 2 files .*restore the log"):
        company.land()
    assert batch(company, "subscriptions").exists()


def test_a_lost_batch_stops_the_run_until_somebody_decides(company):
    before = everything(company)
    file = batch(company, "subscriptions")
    file.unlink()
    with pytest.raises(
        LandingBroken, match=rf"lacks 1 file .*{file.name} \(from plain/shop/a_2026-01-31.csv\)"
    ):
        company.land()
    (company.paths.landed("log", "batches") / file.name).unlink()
    company.land()
    assert everything(company) == before


@pytest.mark.parametrize("change", ["format", "column", "cut"])
def test_a_log_of_another_version_or_a_damaged_one_is_a_sentence(company, change):
    file = company.paths.landed("log", "batches") / batch(company, "customers").name
    table = pq.read_table(file)
    if change == "format":
        pq.write_table(table.replace_schema_metadata({"format": "2"}), file)
    elif change == "column":
        pq.write_table(table.drop_columns(["bytes"]), file)
    else:
        file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(
        LandingBroken, match="format 2.*format 1 only" if change == "format" else "cannot be read"
    ):
        company.land()
    file.unlink()
    company.land()
    assert len(company.log()) == 3


def test_a_log_of_the_same_format_may_have_more_columns(company):
    file = company.paths.landed("log", "batches") / batch(company, "customers").name
    table = pq.read_table(file)
    pq.write_table(table.append_column("more", pa.array(["x"])), file)
    assert company.land().new == []
