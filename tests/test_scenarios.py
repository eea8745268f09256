"""Every story, told by the warehouse: as worked out by hand, and in every other number as by the oracle."""

from pathlib import Path

import pytest

from tests.company import build
from tests.oracles.customer_math import loss_reasons
from tests.oracles.facts_from_plain import facts_from_plain
from tests.oracles.measures import wrong_measures
from tests.oracles.published import (
    customers_by_record,
    published_loss_reasons,
    published_math,
    published_movements,
)
from tests.oracles.stories import Story, all_stories
from tests.oracles.tables import MOVEMENT_KEY, differences, movement_rows, told


@pytest.mark.parametrize("story", all_stories(), ids=lambda story: story.folder.name)
def test_the_warehouse_tells_the_story(story: Story, tmp_path: Path) -> None:
    stays = story.stays
    warehouse = build(
        story.exports, story.reference, tmp_path / "home", stays=stays, rooms=["core", "customer_assets"]
    )
    customer_of = customers_by_record(warehouse, "plain", "customers", stays)
    movements, math = published_movements(warehouse), published_math(warehouse)

    by_hand = story.untold(movements, math, customer_of.__getitem__)
    by_hand += story.untold_measures(lambda measure: measure.published(warehouse))
    assert not by_hand, told(by_hand)

    facts, _ = facts_from_plain(story.exports, story.reference, stays)
    computed = [row | {"customer": customer_of[row["customer"]]} for row in movement_rows(facts)]
    by_oracle = differences(computed, movements, MOVEMENT_KEY)
    by_oracle += wrong_measures(facts, warehouse)
    assert not by_oracle, told(by_oracle)

    lost = {key: count for key, (count, _) in loss_reasons(facts).items()}
    assert published_loss_reasons(warehouse) == lost
