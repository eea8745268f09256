"""The stories under tests/scenarios: what goes in, and the rows a reader worked out by hand.

`expected/value_movement.csv` tells every movement that touches one of the value columns it has.
`expected/customer_math.csv` tells, for each period kind, segment and basis that it names, every period.
Both may leave out columns that do not matter to the story. A customer is named by its `customer_ref`, or by
`<system>/<customer_ref>` where there are several systems.

`stays.csv` tells of records that were published as one customer's until a day and turned out to be another's: a row per
stay, of the record, the customer that it is from a day on, and that day (none: since the beginning).
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.oracles.customer_math import Stay
from tests.oracles.facts_from_plain import read_stays
from tests.oracles.tables import MATH_KEY, MOVEMENT_KEY, VALUE_COLUMNS, differences

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"


def typed(column: str, text: str) -> date | bool | int | Decimal | str | None:
    """A cell of an expected table, in the type of its column."""
    if text == "":
        return None
    if column in ("moved_on", "period_start"):
        return date.fromisoformat(text)
    if column.startswith("is_"):
        return {"true": True, "false": False}[text]
    if column.endswith("_customers"):
        return int(text)
    if column.endswith(("_value", "_ratio", "_share")):
        return Decimal(text)
    return text


@dataclass(frozen=True)
class Story:
    folder: Path

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    @property
    def reference(self) -> Path:
        """The reference tables; a folder that is not there stands for a company that keeps none."""
        return self.folder / "reference"

    @property
    def stays(self) -> tuple[Stay, ...]:
        return read_stays(self.folder / "stays.csv")

    def expected(self, table: str) -> list[dict]:
        path = self.folder / "expected" / f"{table}.csv"
        if not path.exists():
            return []
        with path.open(newline="", encoding="utf-8") as file:
            return [{name: typed(name, text) for name, text in row.items()} for row in csv.DictReader(file)]

    def untold(self, movements: list[dict], math: list[dict], customer_of: Callable[[str], str]) -> list[str]:
        """Where the given tables tell another story than the expected ones, a line each.

        `customer_of` turns `<system>/<customer_ref>` into the customer's name in the given movements.
        """
        lines: list[str] = []
        if told_movements := self.expected("value_movement"):
            for row in told_movements:
                customer = row["customer"]
                row["customer"] = customer_of(customer if "/" in customer else f"plain/{customer}")
            values = [column for column in VALUE_COLUMNS if column in told_movements[0]]
            touching = [row for row in movements if moves_a_customer(row) or any(row[v] for v in values)]
            lines += differences(told_movements, touching, MOVEMENT_KEY)
        if told_math := self.expected("customer_math"):
            named = {series(row) for row in told_math}
            lines += differences(told_math, [row for row in math if series(row) in named], MATH_KEY)
        return lines


def moves_a_customer(movement: dict) -> bool:
    return movement["movement"] not in ("expansion", "contraction", "fx", "handed_over", "taken_over")


def series(row: dict) -> tuple:
    return row["period_kind"], row["segment"], row["value_basis"]


def all_stories() -> list[Story]:
    return [Story(folder) for folder in sorted(SCENARIOS.iterdir()) if (folder / "README.md").exists()]
