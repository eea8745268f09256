"""The stories under tests/scenarios: what goes in, and the rows a reader worked out by hand.

`expected/value_movement.csv` tells every movement that touches one of the value columns it has.
`expected/customer_math.csv` tells, for each period kind, segment and basis that it names, every period.
`expected/<table>.csv` of any other measured table tells the rows that it names.
Both may leave out columns that do not matter to the story. A customer is named by its `customer_ref`, or by
`<system>/<customer_ref>` where there are several systems.

`stays.csv` tells of records that were published as one customer's until a day and turned out to be another's: a row per
stay, of the record, the customer that it is from a day on, and that day (none: since the beginning).
"""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.oracles.customer_math import Stay
from tests.oracles.facts_from_plain import read_stays
from tests.oracles.measures import MEASURES, Measure
from tests.oracles.tables import MATH_KEY, MOVEMENT_KEY, VALUE_COLUMNS, differences

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"


def typed(text: str) -> date | bool | Decimal | str | None:
    """A cell of an expected table, as what it looks like."""
    if text == "":
        return None
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text)
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
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
            return [{name: typed(text) for name, text in row.items()} for row in csv.DictReader(file)]

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

    def untold_measures(self, rows_of: Callable[[Measure], list[dict]]) -> list[str]:
        """Where tables of measures tell another story than the expected ones, a line each."""
        lines: list[str] = []
        for measure in MEASURES:
            if measure.name == "customer_math":
                continue  # told with the movements
            named = {tuple(row[column] for column in measure.key): row for row in self.expected(measure.name)}
            if named:
                found = [
                    row for row in rows_of(measure) if tuple(row[column] for column in measure.key) in named
                ]
                lines += differences(named.values(), found, measure.key)
        return lines


def moves_a_customer(movement: dict) -> bool:
    return movement["movement"] not in ("expansion", "contraction", "fx", "handed_over", "taken_over")


def series(row: dict) -> tuple:
    return row["period_kind"], row["segment"], row["value_basis"]


def all_stories() -> list[Story]:
    return [Story(folder) for folder in sorted(SCENARIOS.iterdir()) if (folder / "README.md").exists()]
