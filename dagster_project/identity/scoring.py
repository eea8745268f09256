"""How likely two records are one customer: Splink, with parameters that were trained once and are kept."""

from __future__ import annotations

import shutil
from typing import Any

import duckdb

from dagster_project.identity.comparisons import COMPARISONS
from dagster_project.identity.parameters import Parameters
from dagster_project.paths import Paths
from dagster_project.sql import literal, parquet_files


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


def score(con: duckdb.DuckDBPyConnection, paths: Paths, parameters: Parameters) -> None:
    """Make the table `scored` (node, to_node, weight): the pairs of `pair` whose weight is at least `review_from`.

    Splink scores exactly these pairs of records of `feature`, in DuckDB or in Spark by the company's target.
    """
    if not con.execute("select 1 from pair limit 1").fetchall():
        predicted = "(select node as node_l, to_node as node_r, cast(0 as double) as match_weight from pair)"
    elif paths.engine == "spark":
        predicted = _predict_on_spark(con, paths, parameters)
    else:
        predicted = _predict_on_duckdb(con, parameters)
    # engines add up in different orders
    con.execute(f"""
        create or replace table scored as
        select
            least(node_l, node_r) as node, greatest(node_l, node_r) as to_node,
            cast(round(match_weight, 4) as decimal(12, 4)) as weight
        from {predicted}
        where round(match_weight, 4) >= {parameters.review_from}
    """)


PAIRS = "select '0' as match_key, node as join_key_l, to_node as join_key_r from {0}"


def _predict_on_duckdb(con: duckdb.DuckDBPyConnection, parameters: Parameters) -> str:
    from splink import DuckDBAPI

    con.execute(f"create or replace view candidate as {PAIRS.format('pair')}")
    return _predict(DuckDBAPI(connection=con), "feature", "candidate", parameters).physical_name


def _predict_on_spark(con: duckdb.DuckDBPyConnection, paths: Paths, parameters: Parameters) -> str:
    """Splink in this company's Spark session, over Parquet files that are removed afterwards."""
    from splink import SparkAPI

    from dagster_project.engines.spark_session import start

    session = start(paths)
    folder = paths.spark / "identity"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name, query in {"feature": "select * from feature", "candidate": PAIRS.format("pair")}.items():
            file = str(folder / f"{name}.parquet")
            con.execute(f"copy ({query}) to {literal(file)} (format parquet)")
            session.read.parquet(file).createOrReplaceTempView(f"identity_{name}")
        api = SparkAPI(
            spark_session=session, register_udfs_automatically=False, break_lineage_method="persist"
        )
        predicted = _predict(api, "identity_feature", "identity_candidate", parameters).as_spark_dataframe()
        kept = predicted.select("node_l", "node_r", "match_weight")
        kept.write.mode("overwrite").parquet(str(folder / "predicted"))
        con.execute(f"""
            create or replace temp table predicted as
            select * from read_parquet({parquet_files(folder / "predicted")})
        """)
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # names and addresses
    return "predicted"


def _predict(api: Any, features: str, pairs: str, parameters: Parameters) -> Any:
    from splink import Linker

    linker = Linker(api.register(features), splink_settings(parameters), log_level=None)
    linker.table_management.register_blocked_pairs_for_predict(api.register(pairs))
    return linker.inference.predict(threshold_match_weight=parameters.review_from - 1, warning_mode="never")
