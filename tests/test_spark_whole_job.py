"""The sample company from exports to publication: on a Spark cluster that loses a worker it is what it is with DuckDB.

A session of its own on one machine is test_spark.py's; to run the whole job on it too would take as long again.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests import spark
from tests.sample import refreshed
from tests.spark_cluster import OF_THE_DRIVER, Daemon, cluster, wait_for
from tests.whole_job import MINUTES, Company

BUILT_BEFORE = "waist.party_record"  # a worker dies; most of the models are still to come
NAMES_ITS_ENGINE = "governance.publications"  # its fingerprint does, as the stamp of every row


def unlike(expected: Company, found: Company) -> list[str]:
    """Where what is built or published of two companies differs, in the tables' rows and types or in the manifests."""
    told = spark.differences(expected.home / "warehouse.duckdb", found.home / "spark" / "warehouse.duckdb")
    for file in ("one_company.duckdb", "restricted.duckdb"):
        told += spark.differences(expected.current / file, found.current / file, but="publication_id")
    told = [difference for difference in told if not difference.startswith(NAMES_ITS_ENGINE)]
    manifests = [company.manifest() for company in (expected, found)]
    for manifest in manifests:
        del manifest["tables"][NAMES_ITS_ENGINE]["checksum"]
    parts = ("tables", "checks", "refused", "missing_sources", "as_of_on", "batches")
    return told + [part for part in parts if manifests[0][part] != manifests[1][part]]


def test_a_worker_that_dies_while_it_writes_a_table_changes_no_number(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    with_duckdb, _ = refreshed(tmp_path_factory)
    company = replace(with_duckdb, folder=tmp_path / "with_spark")
    with cluster(tmp_path / "cluster") as made:
        workers = made.start_workers(2)
        process = company.start(**spark.environment(tmp_path / "conf", made.master, **OF_THE_DRIVER))

        def stopped() -> Daemon | None:
            assert process.poll() is None, process.stdout.read()
            tables = company.home / "spark" / "tables"
            return next((worker for worker in workers if worker.is_stopped_while_it_writes(tables)), None)

        try:
            assert any(line.startswith(f"  {BUILT_BEFORE} ") for line in process.stdout)
            lost = wait_for(stopped, "a worker that writes")
            lost.die()
            shown, _ = process.communicate(timeout=MINUTES)
        finally:
            process.kill()
        assert process.returncode == 0, shown
        assert all(worker.tasks() for worker in workers)
    assert re.search("Lost executor .*worker lost", (company.home / "logs" / "spark.log").read_text())
    assert unlike(with_duckdb, company) == []
    assert len(company.manifest()["tables"]) > 10
    assert not list((company.home / "spark" / "tables").glob("*/*/_temporary"))
