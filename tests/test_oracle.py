"""The oracle itself, held against numbers worked out by hand: a wrong oracle would bless a wrong warehouse."""

import pytest

from tests.oracles.customer_math import customer_math
from tests.oracles.facts_from_plain import facts_from_plain
from tests.oracles.stories import Story, all_stories
from tests.oracles.tables import movement_rows, told


@pytest.mark.parametrize("story", all_stories(), ids=lambda story: story.folder.name)
def test_the_oracle_tells_the_story(story: Story) -> None:
    facts, customers = facts_from_plain(story.exports, story.reference)
    lines = story.untold(movement_rows(facts), customer_math(facts), customers.named)
    assert not lines, told(lines)
