"""Readers are never locked out, never see a mixture, and may use an older DuckDB."""

import json
import multiprocessing
import os
import subprocess
import sys
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from queue import Queue

import duckdb
import pytest

from dagster_project.publication import publish
from tests.publication_warehouse import (
    make_edition,
    make_paths,
    make_small_warehouse,
    make_warehouse,
    no_audit,
)

READERS = 20
PUBLICATIONS = 10
PAUSE = 0.2  # seconds between two reads, so that twenty readers leave the publisher some of the machine
TABLES = ("governance.batches", "governance.coverage", "customer_assets.value_movement")

CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload([__name__])


def read_until_told(current: Path, is_over: Event, told: Queue) -> None:
    """Read what is current, again and again; tell which publications each read saw, or what went wrong."""
    seen: list[list[str]] = []
    try:
        while True:
            last_time = is_over.is_set()
            seen.append(sorted(publications_in_a_read(current)))
            if last_time:
                break
            time.sleep(PAUSE)
    except Exception as error:
        seen.append([f"{type(error).__name__}: {error}"])
    told.put(seen)


def publications_in_a_read(current: Path) -> set[str]:
    """Open files through the folder the link leads to at first, then one through the link; read twice."""
    folder = current.resolve()
    ids = {json.loads((folder / "manifest.json").read_text())["publication_id"], folder.name}
    parquet = [folder / "parquet" / f"{table.replace('.', '/')}.parquet" for table in TABLES]
    through_folder = " union all ".join(f"select publication_id from '{file}'" for file in parquet)
    with duckdb.connect(folder / "one_company.duckdb", read_only=True, config={"threads": 1}) as connection:
        rows = connection.execute(f"select distinct * from ({through_folder})").fetchall()
        ids |= {row[0] for row in rows}
        ids |= stamps(connection) | stamps(connection)
    with duckdb.connect(current / "one_company.duckdb", read_only=True, config={"threads": 1}) as connection:
        assert len(stamps(connection) | stamps(connection)) == 1
    return ids


def stamps(connection: duckdb.DuckDBPyConnection) -> set[str]:
    every = " union all ".join(f"select publication_id from {table}" for table in TABLES)
    return {row[0] for row in connection.execute(f"select distinct * from ({every})").fetchall()}


def test_twenty_readers_during_ten_publications(tmp_path: Path) -> None:
    paths = make_paths(tmp_path)
    make_small_warehouse(paths)
    publish(paths, make_edition("f" * 64), audit=no_audit)
    is_over, told = CHILDREN.Event(), CHILDREN.Queue()
    readers = [
        CHILDREN.Process(target=read_until_told, args=(paths.current, is_over, told)) for _ in range(READERS)
    ]
    for reader in readers:
        reader.start()
    names = [
        publish(paths, make_edition(f"{number:x}" * 64), audit=no_audit).publication_id
        for number in range(PUBLICATIONS)
    ]
    is_over.set()
    reads = [told.get(timeout=60) for _ in readers]
    for reader in readers:
        reader.join(timeout=60)
    assert [read for of_one in reads for read in of_one if len(read) != 1] == []
    seen = {read[0] for of_one in reads for read in of_one}
    assert seen <= {"2026-10-31-ffffffffff", *names}
    assert len(seen) > 2, "the readers hardly overlapped the publications"
    assert all(of_one[-1] == [names[-1]] for of_one in reads)


@pytest.fixture(scope="session")
def older_duckdb(pytestconfig: pytest.Config) -> Path:
    """A folder with a DuckDB 1.5 client, installed once and kept in pytest's cache."""
    folder = pytestconfig.cache.mkdir("duckdb-1.5")
    requirements = Path(__file__).with_name("requirements-duckdb-1.5.txt")
    installed = folder / "requirements.txt"
    if not installed.exists() or installed.read_bytes() != requirements.read_bytes():
        subprocess.run(
            [
                sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                "--only-binary", ":all:", "--require-hashes", "--upgrade", "--target", folder,
                "--requirement", requirements,
            ],
            check=True,
        )  # fmt: skip
        installed.write_bytes(requirements.read_bytes())
    return folder


READ = """
import duckdb, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    rows = connection.execute(
        "select period_kind, lost_customers, cast(lost_value as varchar) from customer_assets.customer_math "
        "where segment = 'all' and value_basis = 'mrr' and period_start = '2026-10-01' order by all"
    ).fetchall()
print(json.dumps([duckdb.__version__, rows]))
"""


def test_an_older_client_reads_the_file(older_duckdb: Path, tmp_path: Path) -> None:
    paths = make_paths(tmp_path)
    make_warehouse(paths)
    publish(paths, make_edition(), audit=no_audit)
    done = subprocess.run(
        [sys.executable, "-c", READ, paths.current / "one_company.duckdb"],
        env={**os.environ, "PYTHONPATH": str(older_duckdb)},
        capture_output=True,
        text=True,
        check=True,
    )
    version, rows = json.loads(done.stdout)
    assert version.startswith("1.5.")
    assert rows == [["month", 2, "100.0000"], ["quarter", 2, "100.0000"]]
