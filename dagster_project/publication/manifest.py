"""`manifest.json`: what a publication is, holds and lacks, for a program to read before it opens anything
else."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.great_expectations_duckdb import CheckResult
from dagster_project.publication.edition import Edition
from dagster_project.publication.refused import refused
from dagster_project.publication.shelf import FORMAT
from dagster_project.publication.tables import PublishedTable, relation


def make_manifest(
    connection: duckdb.DuckDBPyConnection,
    edition: Edition,
    exports: Path,
    batches: int,
    tables: Sequence[PublishedTable],
    results: Sequence[CheckResult],
) -> dict[str, Any]:
    """The manifest of an open draft."""
    return {
        "format": FORMAT,
        "publication_id": edition.publication_id,
        "as_of_on": day(edition.as_of_on),
        "known_on": day(edition.known_on),
        "project_version": edition.project_version,
        "fingerprint": edition.fingerprint,
        "published_at": edition.published_at.isoformat(timespec="seconds"),
        "batches": batches,
        "tables": {
            table.name: {"file": table.file, "rows": table.rows, "checksum": table.checksum}
            for table in tables
        },
        "checks": {"passed": sum(result.passed for result in results), "of": len(results)},
        "refused": refused(connection, relation("governance", "batches"), exports),
        "missing_sources": missing_sources(connection),
    }


def missing_sources(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The sources that no export came from."""
    coverage = relation("governance", "coverage")
    rows = connection.execute(
        f"select distinct source from {coverage} where status = 'missing' order by all"
    ).fetchall()
    return [source for (source,) in rows]


def accepted_batches(connection: duckdb.DuckDBPyConnection) -> int:
    """How many batches the warehouse was built from."""
    (count,) = connection.execute(
        "select count(*) from warehouse.governance.batches where status = 'accepted'"
    ).fetchone()
    return count


def write_manifest(draft: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (draft / "manifest.json").write_text(text + "\n", encoding="utf-8")


def day(value: Any) -> str | None:
    return None if value is None else value.isoformat()
