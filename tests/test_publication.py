"""What a publication holds, when there is one, and which one readers get."""

import json
import stat
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import UserError
from dagster_project.paths import Paths
from dagster_project.publication import (
    Publication,
    fingerprint,
    publish,
    tables,
)
from tests.publication_warehouse import (
    make_edition,
    make_paths,
    make_warehouse,
    no_audit,
    query,
)

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Paths, Publication]:
    """One publication that the tests below only read."""
    paths = make_paths(tmp_path_factory.mktemp("published"))
    make_warehouse(paths)
    return paths, publish_(paths)


@pytest.fixture
def folder(published: tuple[Paths, Publication]) -> Path:
    return published[1].folder


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = make_paths(tmp_path)
    make_warehouse(made)
    return made


def publish_(paths: Paths, inputs: str = A, **changes: object) -> Publication:
    return publish(paths, make_edition(inputs, **changes), audit=no_audit)


class TestWhatAPublicationHolds:
    def test_every_table_of_a_published_schema_and_no_other(self, folder: Path) -> None:
        found = query(
            folder / "one_company.duckdb", "select schema_name || '.' || table_name from duckdb_tables()"
        )
        assert {name for (name,) in found} == {
            "core.customer", "core.identity_map", "core.identity_evidence", "core.revenue_span",
            "core.customer_purchase", "core.segment", "core.period", "core.metric_definition", "customer_assets.customer_math",
            "customer_assets.value_movement", "customer_assets.loss_reasons", "customer_assets.warnings", "customer_assets.loss_summary",
            "customer_assets.revenue_retention", "customer_assets.renewals", "governance.batches",
            "governance.refused_rows", "governance.coverage", "governance.identity_review", "governance.missing_records",
            "governance.publications", "governance.period_close", "governance.restatements", "alignment.definition_profile",
            "alignment.definition_variance", "alignment.definition_bridge",
            "alignment.customer_set_difference", "alignment.metric_inventory", "alignment.silo_metric_conflicts", "alignment.handoffs",
            "listening.listening_inventory", "listening.listening_coverage", "listening.survey_pressure",
            "listening.opt_out_leaks", "listening.listening_decisions",
            "listening.feedback", "listening.issue_volume", "listening.close_the_loop",
            "listening.survey_scores", "listening.response_quality", "listening.unheard_value", "listening.gaming_signs",
            "listening.survey_wordings",
        }  # fmt: skip
        assert not list(folder.glob("*.wal")) and not (folder / ".spill").exists()

    def test_each_row_is_stamped_last_and_otherwise_as_in_the_warehouse(
        self, published: tuple[Paths, Publication], folder: Path
    ) -> None:
        file = folder / "one_company.duckdb"
        rows = query(file, "from customer_assets.value_movement order by all")
        assert {row[-1] for row in rows} == {"2026-10-31-aaaaaaaaaa"}
        built = query(published[0].warehouse, "from customer_assets.value_movement order by all")
        assert [row[:-1] for row in rows] == built

    def test_parquet_says_the_same_as_the_database(self, folder: Path) -> None:
        for name in ("core/revenue_span", "customer_assets/customer_math", "governance/publications"):
            from_parquet = duckdb.sql(f"from '{folder}/parquet/{name}.parquet'").fetchall()
            assert from_parquet == query(folder / "one_company.duckdb", f"from {name.replace('/', '.')}")
            assert from_parquet

    def test_descriptions_come_along(self, folder: Path) -> None:
        file = folder / "one_company.duckdb"
        of_tables = dict(query(file, "select table_name, comment from duckdb_tables()"))
        assert of_tables["value_movement"] == "One row per customer's movement and day."
        assert of_tables["publications"].startswith("One row per publication")
        of_columns = dict(
            query(
                file,
                "select column_name, comment from duckdb_columns() where table_name = 'value_movement'",
            )
        )
        assert of_columns["moved_on"] == "The day it happened, in the company's zone."
        assert of_columns["publication_id"] and of_columns["reason"] is None

    def test_restricted_tables_are_in_one_file_that_only_its_owner_reads(self, folder: Path) -> None:
        file = folder / "restricted.duckdb"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert query(file, "select name from restricted.restricted.customer_contact") == [("Ada",)]
        assert not list(folder.rglob("*customer_contact*"))
        others = [path for path in folder.rglob("*") if path.is_file() and path != file]
        assert not any(b"ada@example.com" in path.read_bytes() for path in others)

    def test_both_files_are_in_the_storage_that_older_clients_read(self, folder: Path) -> None:
        for file in ("one_company.duckdb", "restricted.duckdb"):
            with duckdb.connect(folder / file, read_only=True) as connection:
                (tags,) = connection.execute(
                    "select tags from duckdb_databases() where not internal"
                ).fetchone()
            assert tags["storage_version"].startswith("v1.0.0")

    def test_a_csv_opens_in_a_spreadsheet_and_runs_nothing(self, paths: Paths) -> None:
        dangerous = ["=cmd()", "+1", "-1", "@sum", "\tx", "\rx"]
        values = ", ".join(f"('{text}', 1, null)" for text in [*dangerous, "Zoë - fine", "a=b"])
        make_warehouse(paths, and_then=f"delete from core.metric_definition;"
                                       f" insert into core.metric_definition values {values}")  # fmt: skip
        folder = publish_(paths).folder
        file = folder / "csv" / "core" / "metric_definition.csv"
        assert file.read_bytes().startswith(
            b"\xef\xbb\xbfmetric,definition_version,definition,publication_id\n"
        )
        cells = {
            row[0]
            for row in duckdb.sql(f"select metric from read_csv('{file}', all_varchar = true)").fetchall()
        }
        assert cells == {*(f"'{text}" for text in dangerous), "Zoë - fine", "a=b"}
        open_values = query(folder / "one_company.duckdb", "select metric from core.metric_definition")
        assert "=cmd()" in {row[0] for row in open_values}  # only spreadsheets need the guard

    def test_a_negative_number_stays_a_number_in_a_csv(self, paths: Paths) -> None:
        make_warehouse(paths, and_then="update core.revenue_span set amount = -5")
        text = (publish_(paths).folder / "csv/core/revenue_span.csv").read_text(encoding="utf-8")
        assert ",-5.0000," in text

    def test_a_table_too_long_for_a_spreadsheet_has_no_csv(
        self, paths: Paths, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tables, "MOST_ROWS_OF_A_SPREADSHEET", 4)
        folder = publish_(paths).folder
        assert (folder / "csv/core/revenue_span.csv").exists()  # 4 rows
        assert not (folder / "csv/customer_assets/value_movement.csv").exists()  # 6 rows
        assert (folder / "parquet/customer_assets/value_movement.parquet").exists()

    def test_the_manifest_tells_what_it_is_holds_and_lacks(self, folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        holdings = manifest.pop("tables")
        assert manifest == {
            "format": 1,
            "publication_id": "2026-10-31-aaaaaaaaaa",
            "as_of_on": "2026-10-31",
            "known_on": None,
            "project_version": "0.1.0",
            "fingerprint": A,
            "published_at": "2026-11-01T06:30:00+00:00",
            "batches": 2,
            "checks": {"passed": 0, "of": 0},
            "refused": [
                {"vendor": "plain", "object": "subscriptions", "file": "plain/subscriptions.csv",
                 "batch_id": "b1", "status": "accepted", "records_refused": 1},
                {"vendor": "stripe", "object": "invoices", "file": "stripe/invoices.csv",
                 "batch_id": "b3", "status": "held", "records_refused": 0},
            ],
            "missing_sources": ["stripe"],
        }  # fmt: skip
        assert holdings["core.revenue_span"]["rows"] == 4
        assert holdings["restricted.customer_contact"]["file"] == "restricted.duckdb"

    def test_a_number_that_parquet_would_round_is_refused(self, paths: Paths) -> None:
        make_warehouse(paths, and_then="create table core.huge as select 1::hugeint as much")
        with pytest.raises(TypeError, match=r"core\.huge\.much is a HUGEINT"):
            publish_(paths)

    def test_without_a_warehouse_there_is_a_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="no .*warehouse.duckdb to publish from"):
            publish_(make_paths(tmp_path))

    def test_an_empty_company_is_published_too(self, paths: Paths) -> None:
        make_warehouse(paths, rows="")
        done = publish_(paths, as_of_on=None)
        assert done.publication_id == "undated-aaaaaaaaaa"
        assert query(done.folder / "one_company.duckdb", "select as_of_on from governance.publications") == [
            (None,)
        ]


class TestChecksums:
    def checksums(self, *changes: str) -> list[str]:
        """The checksum of one small table, after each of some changes to it."""
        with duckdb.connect() as connection:
            connection.execute("attach ':memory:' as open; create schema open.core;")
            connection.execute(
                """
                create table open.core.t as
                select * from (values ('ab', 'c', 1.0000, date '2026-10-01'), ('x', null, 2.5000, null))
                    as t(first, second, amount, day), (values ('p1')) as stamp(publication_id)
                """
            )
            found = []
            for change in changes:
                connection.execute(change)
                found.append(tables.measure(connection, "core", "t").checksum)
        return found

    def test_do_not_depend_on_the_order_of_rows_nor_on_the_publication(self) -> None:
        turned = "create or replace table open.core.t as from open.core.t order by first desc"
        stamped = "update open.core.t set publication_id = 'p2'"
        assert len(set(self.checksums("select 1", turned, stamped))) == 1

    @pytest.mark.parametrize(
        "change",
        [
            "update open.core.t set amount = amount + 0.0001 where first = 'x'",
            "update open.core.t set second = '' where first = 'x'",
            "update open.core.t set first = 'a', second = 'bc' where first = 'ab'",
            "update open.core.t set day = null where first = 'ab'",
            "insert into open.core.t from open.core.t limit 1",
            "delete from open.core.t where first = 'x'",
        ],
    )
    def test_change_with_any_value(self, change: str) -> None:
        before, after = self.checksums("select 1", change)
        assert before != after

    def test_are_the_same_in_the_next_publication(self, paths: Paths) -> None:
        first, second = publish_(paths, A).manifest, publish_(paths, B).manifest
        assert first["tables"].pop("governance.publications") != second["tables"].pop(
            "governance.publications"
        )
        assert first["tables"] == second["tables"]


class TestTheFingerprint:
    inputs = {
        "batches": {"b1": "accepted", "b2": "held"},
        "reference": {"settings.csv": b"setting,value\n", "batch_decisions.csv": b""},
        "settings": {"as_of": "", "target": "duckdb"},
        "project_version": "0.1.0",
    }

    def test_does_not_depend_on_order(self) -> None:
        turned = {
            name: dict(reversed(value.items())) if isinstance(value, dict) else value
            for name, value in self.inputs.items()
        }
        assert fingerprint(**turned) == fingerprint(**self.inputs)

    @pytest.mark.parametrize(
        "change",
        [
            {"batches": {"b1": "accepted", "b2": "accepted"}},
            {"batches": {"b1": "accepted"}},
            {"reference": {"settings.csv": b"setting,value\n\n", "batch_decisions.csv": b""}},
            {"settings": {"as_of": "2026-10-01", "target": "duckdb"}},
            {"project_version": "0.1.1"},
        ],
    )
    def test_changes_with_each_input(self, change: dict) -> None:
        assert fingerprint(**{**self.inputs, **change}) != fingerprint(**self.inputs)
