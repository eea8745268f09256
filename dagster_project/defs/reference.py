"""The CCO office's tables, checked before anything else."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.defs.resources import WRITER
from dagster_project.exports.contracts import load_contracts
from dagster_project.failures import told_plainly
from dagster_project.paths import Paths
from dagster_project.reference import read_reference, unknown_files


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["reference", contract.object],
            group_name="reference",
            owners=["team:cco-office"],
            kinds={"csv", "parquet"},
            skippable=True,
        )
        for contract in load_contracts("reference")
    ],
    can_subset=True,
    required_resource_keys=WRITER,
)
def reference_tables(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """All tables are checked, whichever are asked for; those asked for are copied."""
    with told_plainly(context):
        paths = Paths.from_environment()
        tables = read_reference(paths.reference)
        for sentence in unknown_files(paths.reference):
            context.log.warning(sentence)
        for key in sorted(context.selected_asset_keys):
            table = tables[key.path[-1]]
            table.write(paths)
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={"dagster/row_count": len(table.rows), "is_default": table.is_default},
            )
