"""Thousands of random customers, built in one go, against the oracle: every movement, every total."""

from collections import Counter
from pathlib import Path

from tests.company import build
from tests.oracles.customer_math import UNSEGMENTED, customer_math
from tests.oracles.facts_from_plain import facts_from_plain
from tests.oracles.published import customers_by_record, published_math, published_movements
from tests.oracles.random_company import Life, draw_lives, name_of, write_company
from tests.oracles.tables import MATH_KEY, MOVEMENT_KEY, differences, movement_rows, told

CUSTOMERS = 3000


def smallest_failing(lives: list[Life], computed: list[dict], published: list[dict]) -> str:
    """The failing customer with the fewest rows, in full; empty where none fails."""
    wrong = differences(computed, published, MOVEMENT_KEY)
    if not wrong:
        return ""
    numbers = {name_of(number): life for number, life in enumerate(lives)}
    of_customer = {name: [line for line in wrong if line.startswith(f"plain/{name} ")] for name in numbers}
    failing = [name for name, lines in of_customer.items() if lines]
    if not failing:
        return told(wrong)
    name = min(failing, key=lambda failing_name: numbers[failing_name].size)
    rows = [*sum(numbers[name].lines, ()), *numbers[name].purchases]
    return "\n".join(
        [
            f"{len(failing)} of {len(lives)} customers differ; the smallest is {name}:",
            str(numbers[name].segments),
        ]
        + [str(row) for row in rows]
        + of_customer[name]
    )


def test_the_warehouse_agrees_with_the_oracle_on_thousands_of_customers(tmp_path: Path) -> None:
    lives = draw_lives(CUSTOMERS)
    exports, reference = tmp_path / "exports", tmp_path / "reference"
    write_company(lives, exports, reference)
    facts, _ = facts_from_plain(exports, reference)
    computed = movement_rows(facts)

    # Agreement counts only where there is something to agree on.
    kinds = Counter(row["movement"] for row in computed)
    assert min(kinds.values()) > CUSTOMERS / 10 and len(kinds) == 8, kinds
    assert any(row["segment"] == UNSEGMENTED for row in computed)

    warehouse = build(exports, reference, tmp_path / "home")
    record_of = {
        customer: record for record, customer in customers_by_record(warehouse, "plain", "customers").items()
    }
    published = [row | {"customer": record_of[row["customer"]]} for row in published_movements(warehouse)]
    failing = smallest_failing(lives, computed, published)
    assert not failing, failing

    totals = differences(customer_math(facts), published_math(warehouse), MATH_KEY)
    assert not totals, told(totals)
