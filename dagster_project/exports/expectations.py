"""Acceptance: what Great Expectations checks of every new batch before it counts, and what a failure means.

DuckDB measures a batch in one pass while it is read. Great Expectations judges these measures, one row per
batch, so that its cost does not grow with the batches, and several new batches share one start of it.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.database import connect
from dagster_project.errors import UserError
from dagster_project.exports.batch import Batch
from dagster_project.exports.contracts import Contract
from dagster_project.exports.limits import FIRST_YEAR, GREATEST, LAST_YEAR
from dagster_project.sql import parquet

HALF = 0.5


class ChecksBroken(UserError):
    """The acceptance checks could not run: nothing is known about the batches."""


@dataclass(frozen=True)
class Limits:
    """From when on a batch is held, as a share of the last accepted batch of its object."""

    minimum_row_share: float = HALF
    minimum_value_share: float = HALF


@dataclass(frozen=True)
class Last:
    """The last accepted batch of an object before the one at hand."""

    rows: int
    value: float | None


@dataclass(frozen=True)
class BatchCheck:
    """The outcome of one check of one batch, ready to be shown as an asset check."""

    name: str
    passed: bool
    count: int  # rows it objects to; for comparisons, rows in the batch
    sentence: str


@dataclass(frozen=True)
class Judged:
    """One row of what Great Expectations sees."""

    batch_id: str
    row_count: int
    minimum_rows: float
    value: float
    minimum_value: float
    emptiest_share: float
    strangest_share: float
    repeated_share: float


def limits_of(policy: Iterable[Mapping], contract: Contract) -> Limits:
    """The limits of an object from its row of batch_policy, if it has one; else none where each file is another part."""
    for row in policy:
        if row["vendor"] == contract.vendor and row["object"] == contract.object:
            shares = (row.get("minimum_row_share"), row.get("minimum_value_share"))
            return Limits(*(HALF if share in (None, "") else float(share) for share in shares))
    return Limits(0.0, 0.0) if contract.in_parts else Limits()


def judged(batch: Batch, last: Last | None, limits: Limits) -> Judged:
    profile = batch.profile
    rows = max(profile.rows, 1)
    minimum_value = 0.0
    if last and last.value and last.value > 0 and profile.value_column:
        minimum_value = last.value * limits.minimum_value_share
    return Judged(
        batch_id=batch.batch_id,
        row_count=profile.rows,
        minimum_rows=last.rows * limits.minimum_row_share if last else 0.0,
        # An object without amounts, or one that always nets to nothing, has nothing to compare.
        value=(profile.value or 0.0) if minimum_value else 0.0,
        minimum_value=minimum_value,
        emptiest_share=max(profile.missing.values(), default=0) / rows,
        strangest_share=max(profile.out_of_range.values(), default=0) / rows,
        repeated_share=profile.repeated_keys / rows,
    )


CHECKS = {
    "rows_against_last_batch": ("row_count < minimum_rows", "row_count", "minimum_rows"),
    "value_against_last_batch": ("value < minimum_value", "value", "minimum_value"),
    "required_values_present": (f"emptiest_share > {HALF}", "emptiest_share", None),
    "values_in_range": (f"strangest_share > {HALF}", "strangest_share", None),
    "keys_unique_or_superseded": (f"repeated_share > {HALF}", "repeated_share", None),
}


def import_checks() -> None:
    """Import Great Expectations, which takes seconds: its verdict is needed only when all files are read."""
    from dagster_project.great_expectations_duckdb import great_expectations

    great_expectations()


def check_batches(
    batches: Sequence[Batch], lasts: Mapping[str, Last | None], limits: Mapping[str, Limits]
) -> dict[str, list[BatchCheck]]:
    """Batch id -> its checks, for all of these batches in one go. Raises ChecksBroken."""
    from dagster_project.great_expectations_duckdb import Check, validate

    def check(name: str, objection: str, column: str, floor: str | None) -> Check:
        rows = f"select batch_id from {{table}} where {objection}"
        if floor is None:
            return Check(name, rows, "ExpectColumnValuesToBeBetween", {"column": column, "max_value": HALF})
        pair = {"column_A": column, "column_B": floor, "or_equal": True}
        return Check(name, rows, "ExpectColumnPairValuesAToBeGreaterThanB", pair)

    with tempfile.TemporaryDirectory(prefix="one-company-batches-") as folder:
        file = Path(folder) / "batches.parquet"
        rows = [judged(b, lasts[b.batch_id], limits[b.batch_id]).__dict__ for b in batches]
        pq.write_table(pa.Table.from_pylist(rows), file)
        results = validate(
            {"new_batches": file}, {"new_batches": [check(n, *terms) for n, terms in CHECKS.items()]}
        )
        failing: dict[str, set[str]] = {}
        with connect() as connection:
            connection.execute(f"create view new_batches as select * from {parquet(file)}")
            for result in results:
                if result.error:
                    raise ChecksBroken(f"The acceptance check {result.name} could not run: {result.error}")
                failing[result.name] = {row[0] for row in connection.execute(result.query).fetchall()}
                if result.passed == bool(failing[result.name]):
                    raise ChecksBroken(f"The acceptance check {result.name} and its own query disagree.")
    return {
        batch.batch_id: [
            outcome(
                batch,
                name,
                batch.batch_id not in failing[name],
                lasts[batch.batch_id],
                limits[batch.batch_id],
            )
            for name in CHECKS
        ]
        for batch in batches
    }


def outcome(batch: Batch, name: str, passed: bool, last: Last | None, limits: Limits) -> BatchCheck:
    """One check's outcome in words; values of records do not appear in them."""
    profile = batch.profile
    if name == "rows_against_last_batch":
        if last is None:
            sentence = f"it has {profile.rows} records; there is no earlier batch to compare with"
        else:
            sentence = (
                f"it has {profile.rows} records where the last batch had {last.rows} "
                f"(at least {limits.minimum_row_share:.0%} are expected)"
            )
        return BatchCheck(name, passed, profile.rows, sentence)
    if name == "value_against_last_batch":
        if profile.value_column is None or last is None or last.value is None:
            return BatchCheck(
                name, passed, profile.rows, "there is no amount of an earlier batch to compare with"
            )
        sentence = (
            f"its {profile.value_column} add up to {profile.value or 0:,.2f} where the last batch had "
            f"{last.value:,.2f} (at least {limits.minimum_value_share:.0%} is expected)"
        )
        return BatchCheck(name, passed, profile.rows, sentence)
    if name == "keys_unique_or_superseded":
        key = ", ".join(batch.contract.key)
        about = "about " if profile.is_estimated else ""
        sentence = (
            f"{about}{profile.repeated_keys} of {profile.rows} records repeat the {key} of another; "
            "the last one counts"
        )
        return BatchCheck(name, passed, profile.repeated_keys, sentence)
    counts = profile.missing if name == "required_values_present" else profile.out_of_range
    column = max(counts, key=counts.__getitem__, default="")
    count = counts.get(column, 0)
    if not count:
        return BatchCheck(name, passed, count, "every value is there and in range")
    if name == "required_values_present":
        return BatchCheck(name, passed, count, f"{count} of {profile.rows} records have no {column}")
    is_number = batch.contract.column(column).data_type in GREATEST
    sensible = "a number like 1234.50" if is_number else f"a time from {FIRST_YEAR} to {LAST_YEAR}"
    sentence = f"{count} of {profile.rows} records have no sensible {column}, which is {sensible}"
    return BatchCheck(name, passed, count, sentence)


def hold_reason(batch: Batch, checks: Sequence[BatchCheck]) -> str | None:
    """Why a batch is held and how to let it through on purpose; null where it is not."""
    failed = [check.sentence for check in checks if not check.passed]
    if not failed:
        return None
    return (
        f"Held: {'; '.join(failed)}. The last good batch stays in force. If the file is right, add this row "
        f"to batch_decisions.csv and run again: {batch.batch_id},accept,<role>,<YYYY-MM-DD>,<why>"
    )
