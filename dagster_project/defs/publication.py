"""Audit and publish what was built; give readers an earlier publication."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import dagster as dg
from pydantic import Field

from dagster_project.defs.closing import ROOMS, closing
from dagster_project.defs.resources import WRITER
from dagster_project.failures import told_plainly
from dagster_project.great_expectations_duckdb import CheckResult
from dagster_project.paths import Paths
from dagster_project.plan import edition_of, read_plan
from dagster_project.publication import AuditFailed, Publication, publish
from dagster_project.publication import roll_back as roll_back_to
from dagster_project.publication.audit import CHECKS

AUDITS = {table: table.replace(".", "_") for table in CHECKS}  # Dagster's names hold no dot


@dg.asset(
    deps=[["run", "settings"], closing.key, *ROOMS],
    check_specs=[
        dg.AssetCheckSpec(name, asset="publication", description=f"What the audit asks of {table}.")
        for table, name in AUDITS.items()
    ],
    required_resource_keys=WRITER,
    group_name="publication",
    owners=["team:data"],
    kinds={"duckdb", "parquet", "csv"},
    description="What readers get: audited, and changed by one rename.",
)
def publication(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    with told_plainly(context):
        paths = Paths.from_environment()
        try:
            published = publish(paths, edition_of(paths, read_plan(paths), datetime.now(UTC)))
        except AuditFailed as error:
            yield from _audited(error.failures)
            raise
        yield dg.MaterializeResult(
            metadata={
                "publication_id": published.publication_id,
                "folder": dg.MetadataValue.path(published.folder),
                "tables": len(published.manifest["tables"]),
                "bytes": sum(file.stat().st_size for file in published.folder.rglob("*") if file.is_file()),
            }
        )
        if published.is_new:
            yield from _audited(published.checks)
        else:
            context.log.info(f"Readers have {published.publication_id} already.")
            yield from _audited_before(published)


def _audited(results: Iterable[CheckResult]) -> Iterator[dg.AssetCheckResult]:
    """One outcome per table, over all that was asked of it."""
    by_table: dict[str, list[CheckResult]] = defaultdict(list)
    for result in results:
        by_table[result.table].append(result)
    for table, name in AUDITS.items():
        if table in by_table:
            failed = [result for result in by_table[table] if not result.passed]
            yield dg.AssetCheckResult(
                asset_key="publication",
                check_name=name,
                passed=not failed,
                metadata={
                    "checks": len(by_table[table]),
                    "failed": [result.name for result in failed],
                    "queries": [result.query for result in failed],
                },
            )


def _audited_before(published: Publication) -> Iterator[dg.AssetCheckResult]:
    """What was published held all that was asked of it, and has not changed since."""
    for name in AUDITS.values():
        yield dg.AssetCheckResult(
            asset_key="publication",
            check_name=name,
            passed=True,
            metadata={"audited_at": published.manifest["published_at"]},
        )


class Earlier(dg.Config):
    """Which publication readers shall get."""

    publication_id: str = Field(default="", description="Empty: the one before the current one.")


@dg.op(required_resource_keys=WRITER)
def repoint(context: dg.OpExecutionContext, config: Earlier) -> None:
    with told_plainly(context):
        chosen = roll_back_to(Paths.from_environment(), datetime.now(UTC), config.publication_id or None)
        done = "Readers now get" if chosen.is_new else "Readers already have"
        context.log.info(f"{done} {chosen.publication_id}, in {chosen.folder}.")


@dg.job(config={"loggers": {"console": {}}}, description="Give readers an earlier publication.")
def roll_back() -> None:
    repoint()
