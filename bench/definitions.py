"""What other ways of counting cost, beside the company's own ledger: the profiles alone, then the steps between as well.

As in ledger.py, on the warehouse that `building.straight` left, by the SQL that dbt compiled.
"""

from typing import Any

from bench.building import compiled
from bench.ledger import between, rebuilt
from dagster_project.paths import Paths

COUNTED, BRIDGE = "model.one_company.counted_line", "model.one_company.period_bridge"
KINDS = "model.one_company.counted_kind"  # what the company's own ledger takes of all definitions
STEPS, VARIANCE = "model.one_company.definition_step", "model.one_company.definition_variance"
OF_STEPS = (
    "definition_bridge",
    "definition_exchange",
    "definition_before",
    "definition_difference",
    "customer_set_difference",
)  # what only a bridge needs

# A profile needs the definition it ends in, and what that one is reckoned from.
PROFILES_ALONE = {"definition_step": "is_last or definition_number = anchor_number"}


def ways_of_counting(paths: Paths) -> dict[str, Any]:
    """Seconds for one ledger, from counted lines to the period bridge; for the variance of all profiles; for variance and bridges."""
    nodes, _ = compiled(paths)
    profiles = between({name: node for name, node in nodes.items() if name != KINDS}, STEPS, VARIANCE)
    bridges = {f"model.one_company.{name}" for name in OF_STEPS}
    told: dict[str, Any] = {}
    for name, chosen, only in (
        ("ledger", between(nodes, COUNTED, BRIDGE), {}),
        ("variance", profiles, PROFILES_ALONE),
        ("with_bridges", profiles | bridges, {"definition_step": "true"}),
    ):
        with rebuilt(paths, chosen, only) as (warehouse, took):
            told[name] = {"seconds": sum(took.values()), "nodes": took}
            if name == "with_bridges":
                told["profiles"], told["definitions"] = warehouse.execute(
                    "select count(distinct profile), count(distinct definition_number) from waist.definition_step"
                ).fetchall()[0]
    return told
