"""Every table of measures that the oracle computes too: what it is called, its key, and who computes it."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from tests.oracles.customer_math import Facts, customer_math
from tests.oracles.tables import MATH_KEY, differences


@dataclass(frozen=True)
class Measure:
    name: str
    key: tuple[str, ...]
    compute: Callable[[Facts], list[dict]]
    schema: str = "customer_assets"

    def published(self, warehouse: duckdb.DuckDBPyConnection) -> list[dict]:
        found = warehouse.sql(f"select * from {self.schema}.{self.name}")
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]

    def wrong(self, facts: Facts, warehouse: duckdb.DuckDBPyConnection) -> list[str]:
        """One line for each row and column in which the warehouse and the oracle disagree."""
        lines = differences(self.compute(facts), self.published(warehouse), self.key)
        return [f"{self.name}: {line}" for line in lines]


MEASURES = [
    Measure("customer_math", MATH_KEY, customer_math),
]


def wrong_measures(facts: Facts, warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    return [line for measure in MEASURES for line in measure.wrong(facts, warehouse)]
