"""The oracle itself, held against numbers worked out by hand: a wrong oracle blesses a wrong warehouse."""

import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.oracles.customer_math import (
    ALL,
    NOTHING,
    Billed,
    Departure,
    Facts,
    MissingRate,
    Movement,
    Purchase,
    SegmentChange,
    Settings,
    Span,
    Value,
    billed_in_advance,
    customer_math,
    histories,
    loss_reasons,
    months_later,
    periods,
    round_half_up,
    value_movements,
)
from tests.oracles.facts_from_plain import facts_from_plain
from tests.oracles.measures import MEASURES
from tests.oracles.random_company import draw_lives, draw_stays, write_company
from tests.oracles.stories import Story, all_stories
from tests.oracles.tables import movement_rows, told


def span(start: str, end: str | None, amount: str, **other: object) -> Span:
    """A monthly span of customer `ann` in dollars, unless said otherwise."""
    given = {"customer": "ann", "line": "line", "currency": "USD", "interval": "month"} | other
    until = date.fromisoformat(end) if end else None
    return Span(valid_from=date.fromisoformat(start), valid_to=until, amount=Decimal(amount), **given)


def value(mrr: str, annualised: str, trailing_12m: str = "0") -> Value:
    return Value(Decimal(mrr), Decimal(annualised), Decimal(trailing_12m))


@pytest.mark.parametrize("story", all_stories(), ids=lambda story: story.folder.name)
def test_the_oracle_tells_the_story(story: Story) -> None:
    facts, customers = facts_from_plain(story.exports, story.reference, story.stays)
    lines = story.untold(movement_rows(facts), customer_math(facts), customers.named)
    lines += story.untold_measures(lambda measure: measure.compute(facts))
    assert not lines, told(lines)


@pytest.mark.parametrize("story", all_stories(), ids=lambda story: story.folder.name)
def test_a_story_notices_each_wrong_cell_and_each_missing_row(story: Story) -> None:
    facts, customers = facts_from_plain(story.exports, story.reference, story.stays)
    movements, math = movement_rows(facts), customer_math(facts)
    told_movements, told_math = story.expected("value_movement"), story.expected("customer_math")
    told_measures = [m for m in MEASURES if m.name != "customer_math" and story.expected(m.name)]
    assert told_movements or told_math or told_measures
    right = {measure.name: measure.compute(facts) for measure in told_measures}
    for measure in told_measures:
        expected = story.expected(measure.name)
        columns = expected[0].keys() - set(measure.key)
        for rows in ([row | dict.fromkeys(columns, "wrong") for row in right[measure.name]], []):
            others = right | {measure.name: rows}
            assert len(story.untold_measures(lambda asked, others=others: others[asked.name])) >= len(
                expected
            )
    if told_movements:
        worth_more = [row | {"mrr_value": row["mrr_value"] + 1} for row in movements]
        moves = [row for row in movements if row["movement"] in ("new", "lost", "won_back")]
        without_one = [row for row in movements if row is not moves[0]]
        assert len(story.untold(worth_more, math, customers.named)) >= len(told_movements)
        assert story.untold(without_one, math, customers.named)
    if told_math:
        closing = ("closing_customers", "closing_value")
        one_more = [row | {column: row[column] + 1 for column in closing} for row in math]
        assert len(story.untold(movements, one_more, customers.named)) >= len(told_math)
        assert story.untold(movements, [], customers.named)
    wrong = story.untold_measures(
        lambda measure: [otherwise(row, measure.key) for row in measure.compute(facts)]
    )
    assert len(wrong) >= len(told_measures)


def otherwise(row: dict, key: tuple[str, ...]) -> dict:
    """The row with other numbers and words than it has."""
    return row | {
        name: cell + ("?" if isinstance(cell, str) else 1)
        for name, cell in row.items()
        if name not in key and isinstance(cell, int | Decimal | str) and not isinstance(cell, bool)
    }


@pytest.mark.parametrize(
    ("amount", "digits", "rounded"),
    [
        ("0.005", 2, "0.01"),
        ("0.0049", 2, "0.00"),
        ("-0.005", 2, "-0.01"),
        ("83.5", 0, "84"),
        ("1/3", 2, "0.33"),
    ],
)
def test_half_a_minor_unit_rounds_away_from_zero(amount: str, digits: int, rounded: str) -> None:
    assert round_half_up(Fraction(amount), digits) == Decimal(rounded)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2025-11-30", 3, "2026-02-28"),
        ("2025-12-31", 1, "2026-01-31"),
        ("2025-01-15", -3, "2024-10-15"),
    ],
)
def test_the_same_day_some_months_later(day: str, months: int, later: str) -> None:
    assert months_later(date.fromisoformat(day), months) == date.fromisoformat(later)


def test_billing_in_advance_counts_its_days_from_the_start() -> None:
    billed = billed_in_advance(span("2025-01-31", "2025-05-30", "10"), as_of=date(2025, 12, 31))
    assert [str(b.on) for b in billed] == ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"]
    until_as_of = billed_in_advance(span("2025-01-01", None, "10", interval="week"), as_of=date(2025, 1, 15))
    assert [b.on.day for b in until_as_of] == [1, 8, 15]


def test_a_transfer_comes_first_then_fx_then_one_commercial_movement() -> None:
    """On 1 March Ann moves to `large`, the euro from 1.10 to 1.20, and her price from 100 to 150 euros."""
    facts = Facts(
        as_of=date(2025, 3, 31),
        spans=(
            span("2025-01-01", "2025-03-01", "100", currency="EUR"),
            span("2025-03-01", None, "150", currency="EUR"),
        ),
        billed=(Billed("ann", date(2025, 1, 1), Decimal(100), "EUR"),),
        segment_changes=(SegmentChange("ann", "small"), SegmentChange("ann", "large", date(2025, 3, 1))),
        rates={"EUR": [(date(2024, 1, 1), Decimal("1.10")), (date(2025, 3, 1), Decimal("1.20"))]},
    )
    first_of_march = date(2025, 3, 1)
    assert value_movements(facts) == [
        Movement("ann", date(2025, 1, 1), "new", "small", value("110", "1320", "110")),
        Movement("ann", first_of_march, "transferred_out", "small", value("110", "1320", "110")),
        Movement("ann", first_of_march, "transferred_in", "large", value("110", "1320", "110")),
        Movement("ann", first_of_march, "fx", "large", value("10", "120")),
        Movement("ann", first_of_march, "expansion", "large", value("60", "720")),
    ]


def test_a_rate_of_the_same_height_moves_nothing() -> None:
    facts = Facts(
        as_of=date(2025, 3, 31),
        spans=(span("2025-01-01", None, "100", currency="EUR"),),
        rates={"EUR": [(date(2024, 1, 1), Decimal("1.10")), (date(2025, 3, 1), Decimal("1.100"))]},
    )
    assert [movement.movement for movement in value_movements(facts)] == ["new"]


def test_a_missing_rate_is_an_error_not_a_guess() -> None:
    facts = Facts(
        as_of=date(2025, 3, 31),
        spans=(span("2025-01-01", None, "100", currency="EUR"),),
        rates={"EUR": [(date(2025, 1, 2), Decimal("1.10"))]},
    )
    with pytest.raises(MissingRate, match="EUR has no rate on 2025-01-01"):
        value_movements(facts)


def test_a_purchase_lapses_by_the_segment_of_its_own_day() -> None:
    """Bought as `small` (30 days), moved to `large` (90 days) before that lapsed: still 30 days."""
    facts = Facts(
        as_of=date(2025, 12, 31),
        settings=Settings(lapse_days={"small": 30, "large": 90}),
        purchases=(Purchase("ann", date(2025, 1, 1), Decimal(10), "USD"),),
        segment_changes=(SegmentChange("ann", "small"), SegmentChange("ann", "large", date(2025, 1, 20))),
    )
    assert [(m.movement, m.moved_on, m.segment) for m in value_movements(facts)] == [
        ("new", date(2025, 1, 1), "small"),
        ("transferred_out", date(2025, 1, 20), "small"),
        ("transferred_in", date(2025, 1, 20), "large"),
        ("lost", date(2025, 1, 31), "large"),
    ]


def test_what_is_billed_before_the_start_counts_from_the_start_and_nothing_after_the_end() -> None:
    facts = Facts(
        as_of=date(2025, 6, 30),
        spans=(span("2025-02-01", "2025-04-01", "10"),),
        billed=(
            Billed("ann", date(2025, 1, 20), Decimal(20), "USD"),
            Billed("ann", date(2025, 5, 1), Decimal(99), "USD"),
        ),
    )
    assert [(m.movement, m.value.trailing_12m) for m in value_movements(facts)] == [("new", 20), ("lost", 20)]


def test_a_returned_purchase_lowers_the_value_and_keeps_nobody_active() -> None:
    facts = Facts(
        as_of=date(2025, 6, 30),
        settings=Settings(default_lapse_days=30),
        purchases=(
            Purchase("ann", date(2025, 1, 1), Decimal(50), "USD"),
            Purchase("ann", date(2025, 1, 20), Decimal(-50), "USD"),
        ),
    )
    assert [(m.movement, m.moved_on, m.value.trailing_12m) for m in value_movements(facts)] == [
        ("new", date(2025, 1, 1), 50),
        ("contraction", date(2025, 1, 20), 50),
        ("lost", date(2025, 1, 31), 0),
    ]


def test_movements_end_with_the_as_of_day() -> None:
    facts = Facts(as_of=date(2025, 3, 1), spans=(span("2025-01-01", "2025-03-01", "100"),))
    assert [m.movement for m in value_movements(facts)] == ["new", "lost"]
    the_eve = replace(facts, as_of=date(2025, 2, 28))
    assert [m.movement for m in value_movements(the_eve)] == ["new"]
    assert [str(period.start) for period in periods(the_eve, value_movements(the_eve))] == [
        "2025-01-01", "2025-02-01", "2025-01-01", "2025-01-01",
    ]  # fmt: skip


def test_losses_by_reason_and_those_unknown() -> None:
    leaves = date(2025, 2, 1)
    facts = Facts(
        as_of=date(2025, 2, 28),
        spans=tuple(span("2025-01-01", "2025-02-01", "10", customer=name) for name in ("ann", "bob", "cid")),
        segment_changes=(SegmentChange("cid", "small"),),
        departures=(Departure("ann", leaves, "price"), Departure("cid", leaves, "price")),
    )
    counted = loss_reasons(facts)
    assert counted["month", leaves, ALL, "price"] == (2, value("20", "240"))
    assert counted["month", leaves, ALL, "unknown"] == (1, value("10", "120"))
    assert counted["month", leaves, "small", "price"] == (1, value("10", "120"))
    assert ("month", leaves, "small", "unknown") not in counted


@pytest.fixture(scope="module")
def random_facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    folder: Path = tmp_path_factory.mktemp("random")
    write_company(draw_lives(200), folder / "exports", folder / "reference")
    return facts_from_plain(folder / "exports", folder / "reference")[0]


def test_the_random_customers_are_the_same_ones_in_every_process(tmp_path: Path) -> None:
    """Whatever modules it has loaded: Hypothesis likes to draw the numbers that stand in them."""
    (tmp_path / "full_of_numbers.py").write_text(f"NUMBERS = {list(range(7, 1400, 7))}\n")
    script = f"""
import sys
sys.path.append({str(tmp_path)!r})
import full_of_numbers
from tests.oracles.random_company import draw_lives, draw_stays
lives = draw_lives(200)
print(lives, draw_stays(lives))
"""
    elsewhere = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    lives = draw_lives(200)
    assert elsewhere.stdout == f"{lives} {draw_stays(lives)}\n"


def test_both_laws_hold_for_random_customers(random_facts: Facts) -> None:
    """Openings and closings are counted from states, flows from movements: only truth makes them agree."""
    closings: dict[tuple, tuple] = {}
    sums: dict[tuple, Counter] = defaultdict(Counter)
    for row in customer_math(random_facts):
        assert row["closing_customers"] == (
            row["opening_customers"] + row["new_customers"] + row["won_back_customers"]
            - row["lost_customers"] + row["transferred_in_customers"] - row["transferred_out_customers"]
            - row["merged_customers"]
        ), row  # fmt: skip
        assert row["closing_value"] == (
            row["opening_value"] + row["new_value"] + row["won_back_value"] + row["expansion_value"]
            - row["contraction_value"] - row["lost_value"]
            + row["transferred_in_value"] - row["transferred_out_value"] + row["fx_value"]
        ), row  # fmt: skip

        series = row["period_kind"], row["segment"], row["value_basis"]
        opening = row["opening_customers"], row["opening_value"]
        assert closings.get(series, opening) == opening, row
        closings[series] = row["closing_customers"], row["closing_value"]

        whole_or_parts = "whole" if row["segment"] == ALL else "parts"
        for column in (
            "opening_customers",
            "closing_customers",
            "lost_customers",
            "closing_value",
            "fx_value",
        ):
            key = row["period_kind"], row["period_start"], row["value_basis"], column
            sums[key][whole_or_parts] += row[column]
    assert all(both["whole"] == both["parts"] for both in sums.values())


def test_nothing_changes_on_the_days_that_the_oracle_skips(random_facts: Facts) -> None:
    for history in histories(random_facts)[::8]:
        looked_at = set(history.days_of_change())
        before, day = (NOTHING, history.segment_on(date(2022, 12, 31))), date(2023, 1, 1)
        while day <= random_facts.as_of:
            state = history.value_on(day), history.segment_on(day)
            assert state == before or day in looked_at, (history.customer, day)
            before, day = state, day + timedelta(days=1)
