"""What a warehouse says, as the plain rows that the oracle answers in."""

from collections.abc import Iterable

import duckdb

from tests.oracles.customer_math import Stay
from tests.oracles.tables import MATH_COLUMNS, MOVEMENT_COLUMNS


def published_movements(warehouse: duckdb.DuckDBPyConnection) -> list[dict]:
    columns = ("customer_id", *MOVEMENT_COLUMNS[1:])
    rows = warehouse.sql(f"select {', '.join(columns)} from customer_assets.value_movement").fetchall()
    return [dict(zip(MOVEMENT_COLUMNS, row, strict=True)) for row in rows]


def published_math(warehouse: duckdb.DuckDBPyConnection) -> list[dict]:
    rows = warehouse.sql(f"select {', '.join(MATH_COLUMNS)} from customer_assets.customer_math").fetchall()
    return [dict(zip(MATH_COLUMNS, row, strict=True)) for row in rows]


def customers_by_record(
    warehouse: duckdb.DuckDBPyConnection, vendor: str, object_: str, stays: Iterable[Stay] = ()
) -> dict[str, str]:
    """The customer_id of each source record of one object, by `<system>/<source_ref>`.

    A record that has stays names nobody; the customers that only stays name have their names as ids.
    """
    rows = warehouse.execute(
        "select system || '/' || source_ref, customer_id from core.identity_map "
        "where vendor = ? and object = ?",
        [vendor, object_],
    ).fetchall()
    moving = {stay.record for stay in stays}
    by_record = {record: customer for record, customer in rows if record not in moving}
    return {stay.customer: stay.customer for stay in stays} | by_record


def published_loss_reasons(warehouse: duckdb.DuckDBPyConnection) -> dict[tuple, int]:
    """Customers lost by (period_kind, period_start, segment, reason), where there are any."""
    rows = warehouse.sql(
        "select period_kind, period_start, segment, reason, lost_customers from customer_assets.loss_reasons"
    ).fetchall()
    return {tuple(key): lost for *key, lost in rows if lost}
