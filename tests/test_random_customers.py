"""Thousands of random customers, built in one go, against the oracle: every movement, every total."""

from collections import Counter
from pathlib import Path

from tests.company import build
from tests.oracles import silos
from tests.oracles.customer_math import UNSEGMENTED, Stay
from tests.oracles.definition_profiles import open_bridges, profile_totals, wrong_profile
from tests.oracles.facts_from_plain import facts_from_plain
from tests.oracles.measures import wrong_measures
from tests.oracles.published import customers_by_record, published_movements
from tests.oracles.random_company import (
    FAMILY,
    PROFILES,
    Life,
    draw_lives,
    draw_stays,
    name_of,
    write_company,
)
from tests.oracles.tables import MOVEMENT_KEY, differences, movement_rows, told

CUSTOMERS = 2000
BY_HAND_OVER = {"merged", "split", "handed_over", "taken_over"}


def smallest_failing(
    lives: list[Life], stays: tuple[Stay, ...], computed: list[dict], published: list[dict]
) -> str:
    """The failing family with the fewest rows, in full; empty where none fails."""
    wrong = differences(computed, published, MOVEMENT_KEY)
    if not wrong:
        return ""
    lines_of: dict[int, list[str]] = {}
    for line in wrong:
        lines_of.setdefault(int(line[len("plain/c") :][:5]) // FAMILY, []).append(line)
    members = {number: range(number * FAMILY, min((number + 1) * FAMILY, len(lives))) for number in lines_of}
    number = min(lines_of, key=lambda failing: sum(lives[member].size for member in members[failing]))
    shown = [f"{len(lines_of)} families of {FAMILY} differ; the smallest one is:"]
    for member in members[number]:
        life, name = lives[member], f"plain/{name_of(member)}"
        shown += [f"{name}: {life.segments}", *(str(stay) for stay in stays if stay.record == name)]
        shown += [str(row) for row in (*sum(life.lines, ()), *life.purchases, *life.discounts)]
    return "\n".join(shown + lines_of[number])


def test_the_warehouse_agrees_with_the_oracle_on_thousands_of_customers(tmp_path: Path) -> None:
    lives = draw_lives(CUSTOMERS)
    stays = draw_stays(lives)
    exports, reference = tmp_path / "exports", tmp_path / "reference"
    write_company(lives, exports, reference)
    facts, _ = facts_from_plain(exports, reference, stays)
    computed = movement_rows(facts)

    # Agreement counts only where there is something to agree on.
    kinds = Counter(row["movement"] for row in computed)
    assert len(kinds) == 12 and min(kinds.values()) > CUSTOMERS / 50, kinds
    assert min(number for kind, number in kinds.items() if kind not in BY_HAND_OVER) > CUSTOMERS / 10, kinds
    assert any(row["segment"] == UNSEGMENTED for row in computed)

    rooms = ["core", "customer_assets", "alignment"]
    warehouse = build(exports, reference, tmp_path / "home", stays=stays, rooms=rooms)
    record_of = {
        customer: record
        for record, customer in customers_by_record(warehouse, "plain", "customers", stays).items()
    }
    published = [row | {"customer": record_of[row["customer"]]} for row in published_movements(warehouse)]
    failing = smallest_failing(lives, stays, computed, published)
    assert not failing, failing

    totals = wrong_measures(facts, warehouse)
    for measure in silos.measures(silos.read_silos(reference)):
        assert measure.compute(facts)
        totals += measure.wrong(facts, warehouse)
    assert not totals, told(totals)

    for profile in PROFILES:
        expected = profile_totals(profile, facts, exports, reference, stays, tmp_path / profile["profile"])
        untold = wrong_profile(profile["profile"], expected, warehouse)
        assert not untold, told(untold)
    assert not open_bridges(warehouse)
