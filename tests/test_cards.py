"""A measure's definition is written once: everywhere else it stands, it is the same."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_project.cards import DEFINITIONS, README, Card, cards, definitions, read_card, readme
from dagster_project.defs.models import MANIFEST, models_after_identity, models_before_identity

ROOMS = ("customer_assets", "alignment", "listening")
MEASURED = {"bigint", "decimal(18, 4)", "decimal(18, 6)"}
KEPT = {"target", "incentive_weight", "latest_value", "within_days"}  # as a silo or a reference table says it
OF_ONE = {("listening.feedback", "yearly_value")}  # what stands in a row of one customer is no measure
BOUNDS = ("_low", "_high")  # of a rate that has a card
CARD = """Customers lost
in all.

- Formula: a ÷ b; null.
- Grain: period.
- Unit: customers.
- Counts: some.
- Does not count: others.
- Owner: team:cco-office.
- Decided in: DECISIONS.md, "Losses"."""


@pytest.fixture(scope="module")
def found() -> list[Card]:
    return cards(MANIFEST)


def rooms_columns() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (f"{node['schema']}.{node['name']}", column["name"]): column
        for node in MANIFEST["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in ROOMS
        for column in node["columns"].values()
    }


def test_every_measure_has_a_card(found: list[Card]) -> None:
    carded = {(card.published_in, card.metric) for card in found}
    measures = {
        name
        for name, column in rooms_columns().items()
        if column["data_type"] in MEASURED and not name[1].endswith(BOUNDS) and name[1] not in KEPT
    }
    assert measures and not measures - carded - OF_ONE


def test_the_reference_table_and_the_readme_have_the_cards_words(found: list[Card]) -> None:
    """Where this fails, `make docs` writes both anew."""
    for path, made in ((DEFINITIONS, definitions), (README, readme)):
        text = path.read_text(encoding="utf-8")
        assert made(found, text) == text, path.name


def test_dagster_shows_the_cards(found: list[Card]) -> None:
    shown = {}
    for assets in (models_before_identity, models_after_identity):
        for spec in assets.specs:
            schema = spec.metadata.get("dagster/column_schema")
            for column in schema.columns if isinstance(schema, dg.TableSchema) else ():
                shown[".".join(spec.key.path), column.name] = column.description
    for card in found:
        assert read_card(card.metric, card.published_in, shown[card.published_in, card.metric]) == card


def test_a_card_is_read_whole_or_not_at_all() -> None:
    assert read_card("lost", "room.table", CARD) == Card(
        "lost", "room.table", "Customers lost in all.", "a ÷ b; null", "period", "customers", "some", "others",
        "team:cco-office", 'DECISIONS.md, "Losses"',
    )  # fmt: skip
    assert read_card("lost", "room.table", CARD.replace("- Unit", "- Measure")) is None


def test_earlier_versions_keep_their_words(tmp_path: Path) -> None:
    card = read_card("lost", "room.table", CARD)
    first = definitions([card], "")
    assert first.splitlines()[1].startswith("lost,1,room.table,Customers lost in all.,")
    second = first + first.splitlines()[1].replace("lost,1,", "lost,2,").replace("in all", "somehow") + "\n"
    assert definitions([card], second) == first + first.splitlines()[1].replace("lost,1,", "lost,2,") + "\n"
