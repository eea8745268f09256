"""How likely two records are one customer: Splink, with parameters that were trained once and are kept."""

from __future__ import annotations

from typing import Any

import duckdb

from dagster_project.identity.comparisons import COMPARISONS
from dagster_project.identity.parameters import Parameters


def splink_settings(parameters: Parameters | None) -> dict[str, Any]:
    """Splink's settings; without parameters, those to train from."""

    def level(condition: str, name: str, comparison: str) -> dict[str, Any]:
        told = {"sql_condition": condition, "label_for_charts": name}
        if parameters:
            m, u = parameters.likelihoods[comparison][name]
            told |= {"m_probability": m, "u_probability": u}
        return told

    comparisons = [
        {
            "output_column_name": comparison.name,
            "comparison_levels": [
                {"sql_condition": comparison.unknown, "label_for_charts": "unknown", "is_null_level": True},
                *(level(each.condition, each.name, comparison.name) for each in comparison.levels),
                level("else", "differs", comparison.name),
            ],
        }
        for comparison in COMPARISONS
    ]
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "node",
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [],
        "retain_intermediate_calculation_columns": False,
        "retain_matching_columns": False,
        "additional_columns_to_retain": [],
    } | ({"probability_two_random_records_match": parameters.prior} if parameters else {})


def score(con: duckdb.DuckDBPyConnection, parameters: Parameters) -> None:
    """Make the table `scored` (node, to_node, weight): the pairs of `pair` whose weight is at least `review_from`.

    Splink scores exactly these pairs of records of `feature`. It does so in DuckDB whatever the company's engine is: its Spark
    dialect is derived from a class of sqlglot that is compiled in this environment and takes no heirs.
    """
    predicted = "(select node as node_l, to_node as node_r, cast(0 as double) as match_weight from pair)"
    if con.execute("select 1 from pair limit 1").fetchall():
        predicted = _predict(con, parameters)
    con.execute(f"""
        create or replace table scored as
        select
            least(node_l, node_r) as node, greatest(node_l, node_r) as to_node,
            cast(round(match_weight, 4) as decimal(12, 4)) as weight
        from {predicted}
        where round(match_weight, 4) >= {parameters.review_from}
    """)


PAIRS = "select '0' as match_key, node as join_key_l, to_node as join_key_r from {0}"


def _predict(con: duckdb.DuckDBPyConnection, parameters: Parameters) -> str:
    """The table with the weight of each pair (node_l, node_r, match_weight)."""
    from splink import DuckDBAPI, Linker

    con.execute(f"create or replace view candidate as {PAIRS.format('pair')}")
    api = DuckDBAPI(connection=con)
    linker = Linker(api.register("feature"), splink_settings(parameters), log_level=None)
    linker.table_management.register_blocked_pairs_for_predict(api.register("candidate"))
    threshold = parameters.review_from - 1  # weights are rounded before they are compared
    return linker.inference.predict(threshold_match_weight=threshold, warning_mode="never").physical_name
