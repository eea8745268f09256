"""Which source records are one customer."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.defs.resources import WRITER
from dagster_project.failures import told_plainly
from dagster_project.paths import Paths

READS = [["waist", "identity_record"], ["waist", "identity_key"], ["waist", "as_of"]]
OUTCOME = {
    "cluster": "One row per source record of a person or organisation, with the customer it belongs to.",
    "evidence": "One row per edge between two source records, with the rule that drew it.",
    "review": "One row per pair of customers and reason why nothing joins them by itself, with its strongest pair of records.",
}


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["identity", name],
            deps=READS,
            group_name="identity",
            owners=["team:data"],
            kinds={"python", "parquet"},
            description=description,
        )
        for name, description in OUTCOME.items()
    ],
    required_resource_keys=WRITER,
)
def identity(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    from dagster_project.identity.resolve import resolve  # a run with nothing new needs none of its imports

    with told_plainly(context):
        found = resolve(Paths.from_environment())
        for sentence in found.waiting:
            context.log.warning(sentence)
        told = {
            "cluster": {"dagster/row_count": found.records, "customers": found.customers},
            "evidence": {"dagster/row_count": sum(found.edges.values()), "edges": found.edges},
            "review": {
                "dagster/row_count": found.for_review,
                "compared_pairs": found.compared,
                "refused": found.refused,
            },
        }
        for name, metadata in told.items():
            yield dg.MaterializeResult(asset_key=["identity", name], metadata=metadata)
