"""Exports in: one asset per vendor object, and the log of every batch."""

from collections import defaultdict
from collections.abc import Iterator

import dagster as dg

from dagster_project.defs.reference import reference_tables
from dagster_project.defs.resources import WRITER
from dagster_project.exports.contracts import load_all_contracts, of_vendors
from dagster_project.exports.landing import Landed, land
from dagster_project.exports.typed import type_batches
from dagster_project.failures import told_plainly
from dagster_project.paths import Paths
from dagster_project.plan import landed_batches, landed_systems
from dagster_project.reference import idle_decisions, read_reference, unused_silos

OBJECTS = [
    (vendor, contract.object)
    for vendor, contracts in of_vendors(load_all_contracts()).items()
    for contract in contracts
]
LOGS = [("log", "batches"), ("log", "refused_records")]


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            list(key),
            deps=sorted(reference_tables.keys),
            group_name="landing",
            owners=["team:data"],
            kinds={"parquet"},
            skippable=True,
        )
        for key in (*OBJECTS, *LOGS)
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "accepted",
            asset=list(key),
            description="Great Expectations found every new batch fit to count; a batch it holds changes nothing.",
        )
        for key in OBJECTS
    ],
    can_subset=True,
    required_resource_keys=WRITER,
)
def landing(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Everything that is new is landed, whichever objects are asked for: only its header says what a file is."""
    with told_plainly(context):
        paths = Paths.from_environment()
        reference = read_reference(paths.reference)
        tables = {name: [row.values for row in table.rows] for name, table in reference.items()}
        contracts = load_all_contracts()
        report = land(paths, contracts, tables["batch_policy"], tables["batch_decisions"], context.log.info)
        type_batches(paths, contracts)
        if not report.new:
            context.log.info(f"No new files in {paths.exports} ({len(report.files)} seen before).")
        systems = landed_systems(paths)
        for table in ("loss_reason", "category_crosswalk"):
            for sentence in unused_silos(reference[table], systems):
                context.log.warning(sentence)
        for sentence in idle_decisions(reference["batch_decisions"], landed_batches(paths)):
            context.log.warning(sentence)
        new = defaultdict(list)
        for file in report.new:
            new[file.vendor, file.object].append(file)
        for key in sorted(context.selected_asset_keys):
            yield _landed(key, report.new if key.path[0] == "log" else new[tuple(key.path)])
        for check in sorted(context.selected_asset_check_keys):
            yield _accepted(check.asset_key, new[tuple(check.asset_key.path)])


def _landed(key: dg.AssetKey, files: list[Landed]) -> dg.MaterializeResult:
    return dg.MaterializeResult(
        asset_key=key,
        metadata={
            "new_batches": len(files),
            "rows_landed": sum(file.rows_landed or 0 for file in files),
            "rows_refused": sum(file.rows_refused or 0 for file in files),
            "bytes": sum(file.bytes for file in files),
            "seconds": round(sum(file.seconds for file in files), 3),
        },
    )


def _accepted(key: dg.AssetKey, files: list[Landed]) -> dg.AssetCheckResult:
    """A warning where a new file is held or refused: the last good batch stays in force, so the run goes on."""
    failed = [file for file in files if file.status != "accepted"]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name="accepted",
        passed=not failed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "checks": {file.file: {check.name: check.sentence for check in file.checks} for file in files},
            "reasons": {file.file: file.reason for file in failed},
        },
    )
