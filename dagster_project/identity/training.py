"""Parameters from a company's own records: how often each degree of likeness is seen among records of one customer and of
two. Splink's expectation maximisation, so nobody has to say which records those are.
"""

from __future__ import annotations

import logging

import duckdb

from dagster_project.database import connect
from dagster_project.errors import UserError
from dagster_project.identity.comparisons import COMPARISONS
from dagster_project.identity.keys import hold_keys
from dagster_project.identity.parameters import Parameters, read_parameters
from dagster_project.identity.records import make_features, number_records
from dagster_project.identity.scoring import splink_settings
from dagster_project.paths import Paths
from dagster_project.sql import literal

LEAST_RECORDS = 2_000  # with a name; fewer say too little
RANDOM_PAIRS = 5_000_000
SEED = 1
# Pairs that agree in these are looked at in turn; each session tells of all the other comparisons.
SESSIONS = ("l.name = r.name", "l.phone = r.phone", "l.street = r.street and l.postcode = r.postcode")
LEAST_SHARE = 0.00001  # nothing is quite impossible


def train(paths: Paths) -> Parameters:
    """Parameters of the next version, from the records that the warehouse holds. They are not saved.

    Raises UserError where nothing was built yet, or there are too few records.
    """
    if not paths.warehouse.exists():
        raise UserError(f"There is no {paths.warehouse} yet: run the whole `refresh` job first.")
    current = read_parameters(paths.ledger)
    with connect(spill=paths.home / "inputs" / ".spill") as con:
        con.execute(f"attach {literal(str(paths.warehouse))} as warehouse (read_only)")
        number_records(con)
        hold_keys(con)
        make_features(con)
        ((records,),) = con.execute("select count(*) from feature").fetchall()
        if records < LEAST_RECORDS:
            raise UserError(
                f"{records:,} records with a name are too few to learn from; {LEAST_RECORDS:,} are needed. "
                f"Version {current.version} of the parameters stays in force."
            )
        likelihoods = _learn(con, current)
    return Parameters(
        current.version + 1, current.prior, current.join_at, current.review_from, likelihoods, current.file
    )


def _learn(con: duckdb.DuckDBPyConnection, current: Parameters) -> dict[str, dict[str, tuple[float, float]]]:
    """Shares by comparison and level; those of a level that never occurs stay as they are."""
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").addHandler(logging.NullHandler())  # it tells of each step
    api = DuckDBAPI(connection=con)
    linker = Linker(api.register("feature"), splink_settings(None), log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    for rule in SESSIONS:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )
    told = linker.misc.save_model_to_json()
    learned = {each["output_column_name"]: each["comparison_levels"] for each in told["comparisons"]}
    return {
        comparison.name: {
            level["label_for_charts"]: (
                round(max(level["m_probability"], LEAST_SHARE), 6),
                round(max(level["u_probability"], LEAST_SHARE), 6),
            )
            if level.get("m_probability") and level.get("u_probability")
            else current.likelihoods[comparison.name][level["label_for_charts"]]
            for level in learned[comparison.name]
            if not level.get("is_null_level")
        }
        for comparison in COMPARISONS
    }
