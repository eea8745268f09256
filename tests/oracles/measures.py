"""Every table of measures that the oracle computes too: what it is called, its key, and who computes it."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from tests.oracles.behaviour_shift import KEY as BEHAVIOUR_KEY
from tests.oracles.behaviour_shift import behaviour_shift
from tests.oracles.cohort_retention import KEY as COHORT_KEY
from tests.oracles.cohort_retention import cohort_retention
from tests.oracles.customer_math import Facts, customer_math
from tests.oracles.earned_growth import earned_growth
from tests.oracles.group_migration import KEY as MIGRATION_KEY
from tests.oracles.group_migration import group_migration
from tests.oracles.group_profit import group_profit
from tests.oracles.lifetime_value import lifetime_value
from tests.oracles.losses import LOSS_KEY, loss_summary
from tests.oracles.meeting import (
    MARBLE_KEY,
    OPENING_KEY,
    WARNING_KEY,
    marbles,
    meeting_opening,
    warnings,
)
from tests.oracles.referrals import referrals
from tests.oracles.renewals import RENEWAL_KEY, renewals
from tests.oracles.revenue_retention import revenue_retention
from tests.oracles.tables import MATH_KEY, differences

SEGMENT_KEY = ("period_kind", "period_start", "segment")


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
    Measure("revenue_retention", MATH_KEY, revenue_retention),
    Measure("cohort_retention", COHORT_KEY, cohort_retention),
    Measure("group_migration", MIGRATION_KEY, group_migration),
    Measure("behaviour_shift", BEHAVIOUR_KEY, behaviour_shift),
    Measure("earned_growth", SEGMENT_KEY, earned_growth),
    Measure("referrals", SEGMENT_KEY, referrals),
    Measure("group_profit", SEGMENT_KEY, group_profit),
    Measure("lifetime_value", SEGMENT_KEY, lifetime_value),
    Measure("loss_summary", LOSS_KEY, loss_summary),
    Measure("renewals", RENEWAL_KEY, renewals),
    Measure("warnings", WARNING_KEY, warnings),
    Measure("marbles", MARBLE_KEY, marbles),
    Measure("meeting_opening", OPENING_KEY, meeting_opening),
]


def wrong_measures(facts: Facts, warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    return [line for measure in MEASURES for line in measure.wrong(facts, warehouse)]
