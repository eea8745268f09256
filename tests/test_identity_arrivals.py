"""Whatever arrives on which day, customers are in the end those of one run over all; and no id changes in silence."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identity_warehouse import Warehouse, planted

COUNT, DAYS = 60, 4
RECORDS, MEMBERSHIPS = planted(COUNT)
AGE = {
    ref: place
    for place, (*_, ref) in enumerate(sorted((r.created_on, r.system, r.source_ref) for r in RECORDS))
}
Pair = tuple[str, str]
Piece = tuple[str, date | None, date | None]


def resolved(home: Warehouse, refs: set[str], apart: Sequence[Pair], day: date) -> dict[str, list[Piece]]:
    """The days of each record that has arrived, and its customers."""
    home.resolve(
        [record for record in RECORDS if record.source_ref in refs],
        [key for key in MEMBERSHIPS if key[0] in refs],
        [("cannot_link", *pair) for pair in apart],
        as_of_on=day,
    )
    found: dict[str, list[Piece]] = {}
    for ref, *piece in home.rows(
        "cluster", "source_ref, customer_id, valid_from, valid_to", "order by valid_from nulls first"
    ):
        found.setdefault(ref, []).append(tuple(piece))
    return found


@pytest.fixture(scope="module")
def ties(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    """Pairs that something joins, when all have arrived and nothing is decided."""
    home = Warehouse(tmp_path_factory.mktemp("ties"))
    resolved(home, {record.source_ref for record in RECORDS}, (), date(2026, 1, 1))
    return home.rows("evidence", "source_ref, other_source_ref", "order by all")


def now(pieces: Sequence[Piece]) -> str:
    ((customer, _, until),) = pieces[-1:]
    assert until is None
    return customer


def members(pieces: dict[str, list[Piece]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for ref, of_record in pieces.items():
        found.setdefault(now(of_record), set()).add(ref)
    return found


def check_days(before: dict[str, list[Piece]], after: dict[str, list[Piece]], day: date) -> None:
    """No record changes its customer but at the edge of a piece, and the edge is the day of the run that found it."""
    for ref, pieces in after.items():
        if ref not in before:
            assert pieces == [(now(pieces), None, None)], "a new record was of its customer all along"
        elif now(pieces) == now(before[ref]):
            assert pieces == before[ref]
        else:
            *earlier, (customer, since, _) = before[ref]
            assert pieces == [*earlier, (customer, since, day), (now(pieces), day, None)]


def check_ids(before: dict[str, list[Piece]], after: dict[str, list[Piece]]) -> None:
    """An id stays where most of its records are, where no other one has more; what has none gets one of its own."""
    were, are = members(before), members(after)

    def weight(customer: str, other: str) -> tuple[int, int]:
        """How many records of the published customer are of the other one now; the earliest first among as many."""
        held = were[customer] & are[other]
        return len(held), -min((AGE[ref] for ref in held), default=0)

    homes = {customer: max(are, key=lambda other: weight(customer, other)) for customer in were}
    for other, refs in are.items():
        at_home = [customer for customer, home in homes.items() if home == other]
        if at_home:
            assert other == max(at_home, key=lambda customer: weight(customer, other))
        else:
            once = {piece[0] for ref in refs if ref in before for piece in before[ref]}
            ever = {piece[0] for pieces in before.values() for piece in pieces}
            assert other in once or other not in ever, "an id is only ever of those who had it"


@settings(max_examples=5, deadline=None)
@given(
    arrives_on=st.lists(st.integers(0, DAYS - 1), min_size=COUNT, max_size=COUNT),
    decided=st.lists(st.sets(st.integers(0, 10**6), max_size=3), min_size=DAYS, max_size=DAYS),
)
def test_records_that_arrive_day_by_day(
    arrives_on: list[int], decided: list[set[int]], ties: list[Pair], tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = Warehouse(tmp_path_factory.mktemp("home"))
    before: dict[str, list[Piece]] = {}
    arrived: set[str] = set()
    for number in range(DAYS):
        day = date(2026, 1, 1) + timedelta(days=30 * number)
        arrived |= {record.source_ref for record, on in zip(RECORDS, arrives_on, strict=True) if on == number}
        apart = [ties[chosen % len(ties)] for chosen in decided[number]]
        after = resolved(home, arrived, apart, day)
        assert after.keys() == arrived
        check_days(before, after, day)
        check_ids(before, after)
        home.publish(f"p{number}", f"{day}T00:00:00+00:00")
        before = after
    groups = home.groups()
    alone = Warehouse(tmp_path_factory.mktemp("alone"))
    resolved(alone, arrived, apart, day)
    assert groups == alone.groups()
