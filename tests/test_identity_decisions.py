"""What a steward decides is stronger than all else, waits for its records, and is undone by taking it out."""

from dataclasses import replace
from hashlib import md5
from pathlib import Path

import pytest

from dagster_project.errors import UserError
from dagster_project.identity.resolve import RULES
from tests.identity_warehouse import Key, Record, Warehouse, organisation, person
from tests.test_identity_guards import ONE_EACH, STORIES

KEYED = [rule for rule in RULES if rule not in ("steward", "probable")]
COLUMNS = "source_ref, other_source_ref, match_rule"


def outcome(warehouse: Warehouse) -> list[list[tuple]]:
    return [warehouse.rows(name, "*") for name in ("cluster", "evidence", "review")]


def hashed(reference: str) -> str:
    return f"hashed:{md5(reference.encode()).hexdigest()}"


def files(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def linked(count: int, rule: str = "external_id") -> tuple[list[Record], list[Key]]:
    """Records a, b, c, … of one key."""
    refs = "abcdefg"[:count]
    return [organisation(ref) for ref in refs], [(ref, rule, "k") for ref in refs]


def test_must_link_joins_what_nothing_else_joins_until_it_is_taken_out(tmp_path: Path) -> None:
    records = [
        organisation("a", name="Nimbus Freight", city="Oslo"),
        organisation("b", name="Tessera Glass", city="Porto"),
        organisation("c", name="Tessera Glas", city="Lima"),
    ]
    warehouse = Warehouse(tmp_path)
    warehouse.resolve(records)
    before = outcome(warehouse)
    assert warehouse.groups() == {frozenset("a"), frozenset("b"), frozenset("c")}

    warehouse.resolve(records, decisions=[("must_link", "b", "a")])
    assert warehouse.groups() == {frozenset("ab"), frozenset("c")}
    assert warehouse.rows("cluster", "source_ref, match_rule, match_score", "order by all") == [
        ("a", "steward", 1), ("b", "steward", 1), ("c", "own_record", 1),
    ]  # fmt: skip
    assert warehouse.rows("evidence", f"{COLUMNS}, evidence") == [
        ("b", "a", "steward", f"{RULES['steward']}: a call with the customer (team:cco-office, 2026-01-15)")
    ]

    warehouse.resolve(records)
    assert outcome(warehouse) == before


def test_who_a_steward_joins_with_a_test_record_takes_nobody_along(tmp_path: Path) -> None:
    """The customer is left out of the numbers, and that is no more than what was decided."""
    records = [
        replace(organisation("a"), is_test=True),
        organisation("b", email="post@betony.example"),
        organisation("c", email="post@betony.example"),
        organisation("d", email="sales@betony.example"),
    ]
    warehouse = Warehouse(tmp_path)
    warehouse.resolve(records)
    assert warehouse.groups() == {frozenset("a"), frozenset("bcd")}
    warehouse.resolve(records, decisions=[("must_link", "a", "b")])
    assert warehouse.groups() == {frozenset("ab"), frozenset("cd")}


def test_must_link_beats_every_guard(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    refs = {title: [record.source_ref for record in story.records] for title, story in STORIES.items()}
    warehouse.resolve(
        [record for story in STORIES.values() for record in story.records],
        [key for story in STORIES.values() for key in story.keys],
        [("must_link", first, other) for first, *others in refs.values() for other in others],
        unique_sources=[ONE_EACH],
    )
    assert warehouse.groups() == {frozenset(story) for story in refs.values()}
    assert warehouse.rows("review", "*") == []


def test_cannot_link_splits_what_keys_statements_and_likeness_join_until_it_is_taken_out(
    tmp_path: Path,
) -> None:
    """For each rule two records that it joins."""
    records = [organisation(f"{rule} {n}") for rule in KEYED for n in (1, 2)] + [
        person(f"probable {n}", name="Sibyl Ravenscroft", phone="+44 20 79460000") for n in (1, 2)
    ]
    keys = [(f"{rule} {n}", rule, f"of {rule}") for rule in KEYED for n in (1, 2)]
    rules = [*KEYED, "probable"]
    warehouse = Warehouse(tmp_path)
    warehouse.resolve(records, keys)
    before = outcome(warehouse)
    assert warehouse.groups() == {frozenset((f"{rule} 1", f"{rule} 2")) for rule in rules}

    apart = [("cannot_link", f"{rule} 2", f"{rule} 1") for rule in rules]
    assert warehouse.resolve(records, keys, apart).refused == {"cannot_link": len(rules)}
    assert warehouse.groups() == {frozenset([record.source_ref]) for record in records}
    assert set(warehouse.rows("review", f"{COLUMNS}, reason")) == {
        (f"{rule} 1", f"{rule} 2", rule, "cannot_link") for rule in rules
    }

    warehouse.resolve(records, keys)
    assert outcome(warehouse) == before


def test_cannot_link_holds_over_what_stands_between(tmp_path: Path) -> None:
    """a - b by a stronger rule than b - c, and a and c apart: b stays with a. Then d, which nobody decided about, with c."""
    records, keys = linked(2)
    records += [organisation("c"), organisation("d")]
    keys += [("b", "email", "x@y.example"), ("c", "email", "x@y.example")]
    keys += [("c", "company_domain", "y.example"), ("d", "company_domain", "y.example")]
    warehouse = Warehouse(tmp_path)
    warehouse.resolve(records, keys)
    assert warehouse.groups() == {frozenset("abcd")}
    warehouse.resolve(records, keys, [("cannot_link", "a", "c")])
    assert warehouse.groups() == {frozenset("ab"), frozenset("cd")}
    assert warehouse.rows("review", f"{COLUMNS}, reason") == [("b", "c", "email", "cannot_link")]


def test_cannot_link_holds_for_all_that_must_be_one_with_either(tmp_path: Path) -> None:
    records, keys = linked(3)
    warehouse = Warehouse(tmp_path)
    records.append(organisation("d"))
    warehouse.resolve(records, keys, [("must_link", "d", "c"), ("cannot_link", "a", "d")])
    assert warehouse.groups() == {frozenset("ab"), frozenset("cd")}


@pytest.mark.parametrize("rule", KEYED)
def test_records_apart_from_the_first_of_their_key_are_one_among_themselves(
    tmp_path: Path, rule: str
) -> None:
    records, keys = linked(4, rule)
    warehouse = Warehouse(tmp_path)
    warehouse.resolve(records, keys, [("cannot_link", "a", "b"), ("cannot_link", "c", "a")])
    assert warehouse.groups() == {frozenset("ad"), frozenset("bc")}
    warehouse.resolve(records, keys, [("cannot_link", *pair) for pair in ("ab", "ac", "bc")])
    assert warehouse.groups() == {frozenset("ad"), frozenset("b"), frozenset("c")}


def test_members_follow_the_organisation_that_they_name_where_an_earlier_member_is_apart_from_it(
    tmp_path: Path,
) -> None:
    records = [*map(person, ("first", "second")), organisation("the firm")]
    keys = [(record.source_ref, "member_of", "plain|shop|customers|the firm") for record in records]
    warehouse = Warehouse(tmp_path)
    warehouse.resolve(records, keys)
    assert warehouse.rows("evidence", COLUMNS) == [
        ("first", "the firm", "member_of"), ("second", "the firm", "member_of"),
    ]  # fmt: skip
    warehouse.resolve(records, keys, [("cannot_link", "first", "the firm")])
    assert warehouse.groups() == {frozenset(["first"]), frozenset(["second", "the firm"])}
    warehouse.resolve(
        records, keys, [("cannot_link", "first", "the firm"), ("cannot_link", "the firm", "second")]
    )
    assert warehouse.groups() == {frozenset([ref]) for ref in ("first", "second", "the firm")}


def test_a_decision_names_an_address_shaped_id_hashed_or_in_clear(tmp_path: Path) -> None:
    records = [organisation(ref) for ref in ("a@b.example", "c@d.example", "e@f.example")]
    warehouse = Warehouse(tmp_path)
    decisions = [
        ("must_link", hashed("a@b.example"), "c@d.example"),
        ("must_link", "a@b.example", hashed("c@d.example")),
        ("must_link", "c@d.example", "a@b.example"),
        # of a record and itself there is nothing to decide
        ("must_link", "e@f.example", hashed("e@f.example")),
        ("cannot_link", hashed("e@f.example"), "e@f.example"),
    ]
    assert warehouse.resolve(records, decisions=decisions).waiting == []
    assert warehouse.groups() == {frozenset(["a@b.example", "c@d.example"]), frozenset(["e@f.example"])}
    pairs = warehouse.rows("evidence", "least(source_ref, other_source_ref), match_rule, match_score")
    assert pairs == [("a@b.example", "steward", 1)]


def test_a_decision_waits_for_its_record_and_says_so(tmp_path: Path) -> None:
    records, keys = linked(3)
    decisions = [("must_link", "a", "late"), ("cannot_link", "absent", "b"), ("cannot_link", "b", "c")]
    warehouse = Warehouse(tmp_path)
    sentence = (
        "identity_decisions.csv: no record plain shop customers {} has arrived, so that {} of it waits; "
        "check its id where it should have."
    )
    assert warehouse.resolve(records, keys, decisions).waiting == [
        sentence.format("absent", "cannot_link"),
        sentence.format("late", "must_link"),
    ]
    assert warehouse.groups() == {frozenset("ab"), frozenset("c")}

    arrived = [*records, organisation("late")]
    assert warehouse.resolve(arrived, keys, decisions).waiting == [sentence.format("absent", "cannot_link")]
    assert warehouse.groups() == {frozenset(["a", "b", "late"]), frozenset("c")}


@pytest.mark.parametrize(
    "decisions",
    [
        [("must_link", "a", "b"), ("cannot_link", "b", "a")],
        [("must_link", "a", "b"), ("must_link", "d", "b"), ("cannot_link", "a", "d")],
        [("must_link", "x@y.example", "a"), ("cannot_link", "a", hashed("x@y.example"))],
    ],
    ids=["of one pair", "by way of others", "of one record by its two names"],
)
def test_decisions_that_contradict_each_other_stop_the_run_and_nothing_is_written(
    tmp_path: Path, decisions: list[tuple[str, str, str]]
) -> None:
    records, keys = linked(4)
    records.append(organisation("x@y.example"))
    warehouse = Warehouse(tmp_path)
    warehouse.resolve(records[:2], keys[:2])
    warehouse.publish("p1")
    outcomes, ledger = warehouse.paths.input("identity", "cluster").parents[1], warehouse.paths.ledger
    before = files(outcomes), files(ledger)
    assert all(before)
    with pytest.raises(UserError) as told:
        warehouse.resolve(records, keys, decisions)
    assert "\n" not in str(told.value)
    assert "cannot be one customer by one row, and must be by others; take one of them out." in str(
        told.value
    )
    assert "x@y.example" not in str(told.value)
    assert (files(outcomes), files(ledger)) == before


def test_a_pair_that_is_decided_about_is_not_asked_about_again(tmp_path: Path) -> None:
    records = [*STORIES["a surname and an address"].records]
    warehouse = Warehouse(tmp_path)
    warehouse.resolve(records)
    assert warehouse.rows("review", "reason") == [("different_names",)]
    warehouse.resolve(records, decisions=[("cannot_link", "couple 2", "couple 1")])
    assert warehouse.rows("review", "reason") == [("cannot_link",)]
    warehouse.resolve(records, decisions=[("must_link", "couple 2", "couple 1")])
    assert warehouse.rows("review", "reason") == []
