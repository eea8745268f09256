"""One customer out of many records: the identity step beside Splink alone on the same pairs, and a night's new records."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from bench.children import Measured, Turn
from dagster_project.paths import PROJECT, Paths
from dagster_project.sql import literal

NEW = "hash(source_ref) % 100 = 0"  # one record in a hundred comes a night later
SIMULATE = PROJECT / "seeds" / "exports" / "simulate_duplicates.py"
READ = ("identity_record", "identity_key")


@dataclass(frozen=True)
class IdentityFigures:
    records: int
    measured: Mapping[str, Measured]  # by the name of the measurement

    def seconds(self, name: str) -> float:
        return self.measured[name].seconds


def measure_identity(folder: Path, say: Callable[[str], None], records: int) -> IdentityFigures:
    """Measure the identity step on simulated records with duplicates. Raises ChildFailed."""
    turn = Turn(f"{records:,} records", folder, say)
    turn.reference.mkdir(exist_ok=True)
    simulated = ["--out", str(turn.exports), "--truth", str(folder / "truth.csv")]
    turn.child("simulate", [str(SIMULATE), *simulated, "--records", str(records)])
    turn.refresh("refresh")
    names = ("resolve_all", "splink_alone", "resolve_before", "resolve_later")
    return IdentityFigures(records, {name: turn.measurement(name) for name in names})


def resolve_all(paths: Paths) -> dict[str, Any]:
    """The step over all records, with nothing scored before."""
    from dagster_project.identity.cache import forget

    forget(paths)
    return _resolved(paths)


def splink_alone(paths: Paths) -> dict[str, Any]:
    """Splink's prediction and clustering, on the features and pairs that the step compares."""
    from splink import DuckDBAPI, Linker

    from dagster_project.database import connect
    from dagster_project.identity.cache import forget, make_pairs_to_score
    from dagster_project.identity.parameters import read_parameters
    from dagster_project.identity.resolve import Step
    from dagster_project.identity.scoring import PAIRS, splink_settings

    forget(paths)
    parameters = read_parameters(paths.ledger)
    with connect(spill=paths.home / "spill") as con:
        con.execute(f"attach {literal(str(paths.warehouse))} as warehouse (read_only)")
        Step(con, paths).link_known()
        pairs = make_pairs_to_score(con, paths, parameters)
        con.execute(f"create view candidate as {PAIRS.format('pair')}")
        began = time.monotonic()
        api = DuckDBAPI(connection=con)
        linker = Linker(api.register("feature"), splink_settings(parameters), log_level=None)
        linker.table_management.register_blocked_pairs_for_predict(api.register("candidate"))
        scored = linker.inference.predict(threshold_match_weight=parameters.review_from, warning_mode="never")
        linker.clustering.cluster_pairwise_predictions_at_threshold(
            scored, threshold_match_weight=parameters.join_at
        )
        return {"seconds": time.monotonic() - began, "pairs": pairs}


def resolve_before(paths: Paths) -> dict[str, Any]:
    """The step in a home of its own, a night before: one record in a hundred is not there yet."""
    earlier = _earlier(paths)
    earlier.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(earlier.warehouse)) as con:
        con.execute(f"attach '{paths.warehouse}' as whole (read_only)")
        con.execute("create schema waist")
        con.execute("create table waist.as_of as from whole.waist.as_of")
        for table in READ:
            con.execute(f"create table waist.{table} as from whole.waist.{table} where not {NEW}")
    (earlier.home / "inputs").mkdir(exist_ok=True)
    for source in ("reference", "run"):
        (earlier.home / "inputs" / source).symlink_to(paths.home / "inputs" / source)
    return _resolved(earlier)


def resolve_later(paths: Paths) -> dict[str, Any]:
    """The step over all records in that home: it knows the scores of the others."""
    earlier = _earlier(paths)
    with duckdb.connect(str(earlier.warehouse)) as con:
        con.execute(f"attach '{paths.warehouse}' as whole (read_only)")
        for table in READ:
            con.execute(f"insert into waist.{table} from whole.waist.{table} where {NEW}")
    return _resolved(earlier)


def _earlier(paths: Paths) -> Paths:
    home = paths.home / "earlier"
    return Paths(paths.exports, paths.reference, home)


def _resolved(paths: Paths) -> dict[str, Any]:
    from dagster_project.identity.resolve import resolve

    began = time.monotonic()
    found = resolve(paths)
    return {
        "seconds": time.monotonic() - began,
        "compared": found.compared,
        "customers": found.customers,
        "for_review": found.for_review,
    }
