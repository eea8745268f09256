"""The planted duplicates: made again they are the same, noise has the shares it is said to have, and truth fits the files."""

import csv
import re
import tracemalloc
from collections import Counter, defaultdict
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator.duplicates import COLUMNS, write
from simulator.noise import NOISE

NAMING = {"typo", "other_form", "nickname", "swapped"}


@dataclass
class Planted:
    """One record beside its truth."""

    values: dict[str, str]
    system: str
    customer: str
    entity: str
    is_duplicate: bool
    shares_key: bool
    story: str
    noise: set[str]


def plant(folder: Path, records: int, seed: int = 7, **kind: bool) -> list[Planted]:
    write(folder / "exports", folder / "truth.csv", records, seed, **kind)
    values = {
        (system, row["customer_ref"]): row
        for system in COLUMNS
        for row in read(folder / "exports" / "plain" / system / "customers_2026-11-01.csv")
    }
    planted = [
        Planted(
            values.pop((row["system"], row["source_ref"])), row["system"], row["true_customer"], row["entity"],
            row["is_duplicate"] == "true", row["shares_key"] == "true", row["story"], set(row["noise"].split()),
        )
        for row in read(folder / "truth.csv")
    ]  # fmt: skip
    assert values == {}, "a record without truth"
    return planted


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def of(planted: list[Planted], group: str) -> list[list[Planted]]:
    groups = defaultdict(list)
    for record in planted:
        groups[getattr(record, group)].append(record)
    return list(groups.values())


@pytest.fixture(scope="module")
def main(tmp_path_factory: pytest.TempPathFactory) -> list[Planted]:
    return plant(tmp_path_factory.mktemp("main"), 12_000)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6), records=st.integers(1, 400), sparse=st.booleans())
def test_the_same_seed_gives_the_same_bytes_and_a_larger_set_begins_with_a_smaller_one(
    seed: int, records: int, sparse: bool
) -> None:
    with TemporaryDirectory() as name:
        once, again, other, larger = (Path(name) / part for part in ("once", "again", "other", "larger"))
        for folder, more, of_seed in (
            (once, 0, seed),
            (again, 0, seed),
            (other, 0, seed + 1),
            (larger, 50, seed),
        ):
            made = plant(folder, records + more, of_seed, name_and_address_only=sparse)
            assert len(made) == records + more
        assert contents(once) == contents(again) != contents(other)
        bigger = contents(larger)
        assert all(bigger[file].startswith(content) for file, content in contents(once).items())


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6), sparse=st.booleans())
def test_each_noise_has_its_share_of_the_duplicates(seed: int, sparse: bool) -> None:
    with TemporaryDirectory() as name:
        planted = plant(Path(name), 5_000, seed, name_and_address_only=sparse)
    duplicates = [record for record in planted if record.is_duplicate]
    assert 0.45 * len(planted) < len(duplicates) < 0.75 * len(planted)
    assert not any(record.noise for record in planted if not record.is_duplicate)

    def within(found: int, share: float) -> bool:
        spread = sqrt(share * (1 - share) / len(duplicates))
        return abs(found / len(duplicates) - share) < 5 * spread + 0.002

    shares = NOISE | ({"shared_mailbox": 0.0} if sparse else {})
    for noise, share in shares.items():
        assert within(sum(noise in record.noise for record in duplicates), share), noise
    without_key = sum(not record.shares_key for record in duplicates)
    assert without_key == len(duplicates) if sparse else within(without_key, 0.5 + 0.01)


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6), sparse=st.booleans())
def test_without_duplicates_nobody_has_two_records_and_nothing_is_noise(seed: int, sparse: bool) -> None:
    with TemporaryDirectory() as name:
        planted = plant(Path(name), 1_500, seed, has_duplicates=False, name_and_address_only=sparse)
    assert len({record.customer for record in planted}) == len(planted) == 1_500
    assert not any(record.noise or record.is_duplicate or record.shares_key for record in planted)


def test_without_duplicates_stand_the_same_customers(main: list[Planted], tmp_path: Path) -> None:
    firsts = [record.values for record in main if not record.is_duplicate][:500]
    alone = [record.values for record in plant(tmp_path, 500, has_duplicates=False)]
    assert [{**values, "customer_ref": ""} for values in alone] == [
        {**values, "customer_ref": ""} for values in firsts
    ]


def test_noise_shows_in_the_record_and_nothing_else_does(main: list[Planted]) -> None:
    seen = set()
    for records in of(main, "entity"):
        plain = [record for record in records if not record.noise]
        names = {record.values["name"] for record in plain}
        streets = {record.values["street"] for record in plain} - {""}
        assert len(names) <= 1 and len(streets) <= 1
        for record in records:
            if plain and record.noise & NAMING == record.noise and len(record.noise) == 1:
                assert record.values["name"] not in names, record
                seen |= record.noise
            if record.noise == {"moved"} and streets:
                assert record.values["street"] not in streets | {""}
                seen |= record.noise
    assert seen == NAMING | {"moved"}


def test_a_field_that_is_missed_stands_in_records_like_it(main: list[Planted]) -> None:
    """Records that share a key are complete; one of them that misses a field lacks one of these."""

    def lacks(record: Planted) -> int:
        return sum(not record.values[field] for field in ("email", "phone", "street", "city", "postcode"))

    keyed = [r for r in main if r.shares_key and r.system not in ("crm", "support") and r.story == "ordinary"]
    assert {lacks(record) for record in keyed if "missing_field" in record.noise} == {1}
    assert {lacks(record) for record in keyed if "missing_field" not in record.noise} == {0}


def test_a_shared_mailbox_is_another_customers(main: list[Planted]) -> None:
    owners = defaultdict(set)
    for record in main:
        if not record.is_duplicate:
            owners[record.values["email"]].add(record.customer)
    shared = [record for record in main if record.noise == {"shared_mailbox"}]
    assert len(shared) > 50
    assert all(owners[record.values["email"]] - {record.customer} for record in shared)


def test_what_shares_no_key_has_none_in_common_with_an_earlier_record(main: list[Planted]) -> None:
    """By what the files hold, of records without noise; free-mail domains are no keys."""
    for records in of(main, "customer"):
        known: set[tuple[str, str]] = set()
        for record in records:
            keys = keys_of(record)
            if not record.noise and record.is_duplicate and not record.shares_key:
                assert not keys & known, record
            elif not record.noise and record.shares_key and not any(other.noise for other in records):
                assert keys & known, record
            known |= keys


def keys_of(record: Planted) -> set[tuple[str, str]]:
    values = record.values
    mail_domain = values["email"].partition("@")[2]
    domains = {values.get("domain", ""), mail_domain if mail_domain.endswith(".example") else ""}
    refs = {values["customer_ref"], values.get("parent_ref", "")}
    return {
        key
        for key in {("email", values["email"])}
        | {("domain", domain) for domain in domains}
        | {(record.system, ref) for ref in refs}
        if key[1]
    }


def test_mailboxes_and_domains_are_nobody_elses_but_where_planted(main: list[Planted]) -> None:
    holders = defaultdict(set)
    for record in main:
        if not record.noise and record.story not in ("recycled_mailbox",):
            for kind, key in keys_of(record):
                if kind in ("email", "domain"):
                    holders[key].add(record.customer)
    assert [key for key, customers in holders.items() if len(customers) > 1] == []


def test_every_story_is_told(main: list[Planted]) -> None:
    entities = {records[0].entity: records for records in of(main, "entity")}

    def told(story: str) -> list[Planted]:
        found = [record for record in main if record.story == story and not record.noise]
        assert len(found) > 10, story
        return found

    def first(entity: str, before: int) -> Planted:
        """The first record of the customer that many numbers before."""
        return entities[f"c{int(entity[1:9]) - before:08d}"][0]

    def same(record: Planted, other: Planted) -> set[str]:
        return {
            field
            for field in ("name", "email", "street", "city")
            if record.values[field] == other.values[field]
        }

    for record in told("recycled_mailbox"):
        before = first(record.entity, 20)
        assert (
            before.story == "gives_up_a_mailbox" and record.values["created_at"] > before.values["created_at"]
        )
        if not record.is_duplicate:
            assert "email" in same(record, before) and "name" not in same(record, before)
    for story, before, expected in (
        ("same_building", 1, {"street", "city"}), ("same_name_elsewhere", 1, {"name"}), ("household", 1, {"street", "city"}),
        ("namesake_in_town", 1, {"name", "city"}),
    ):  # fmt: skip
        for record in told(story):
            if not record.is_duplicate:
                assert same(record, first(record.entity, before)) == expected, record
    kept = set()
    for record in told("moved_person"):
        left = entities[f"c{int(record.entity[1:9]) - 1:08d}/p0"]
        assert record.customer != left[0].customer
        assert record.values["created_at"] > min(old.values["created_at"] for old in left)
        kept |= {old.values["name"] == record.values["name"] for old in left if not old.noise}
    assert kept == {True}
    parents = {
        record.values["parent_ref"] for record in told("subsidiary") if record.values.get("parent_ref")
    }
    owned = [records for entity, records in entities.items() if entity.endswith("/s")]
    assert all(records[0].values["parent_ref"] in parents for records in owned if not records[0].noise)
    assert not any(record.values.get("parent_ref") for records in owned for record in records[1:])
    changed = defaultdict(set)
    for record in told("changed_domain"):
        if "/" not in record.entity and record.values["email"].endswith(".example"):
            changed[record.customer].add(record.values["email"].partition("@")[2])
    assert max(map(len, changed.values())) == 2


def test_a_road_of_a_town_has_one_postcode_and_a_number_many_ways_to_be_written(main: list[Planted]) -> None:
    postcodes = defaultdict(set)
    for record in main:
        values = record.values
        if values["street"] and values["city"] and values["postcode"]:
            road = re.sub(r"^[0-9]+[abc]? |[0-9]+[abc]?$", "", values["street"])
            postcodes[values["country"], values["city"], road].add(values["postcode"])
    assert {len(found) for found in postcodes.values()} == {1}
    ways = defaultdict(set)
    for records in of(main, "entity"):
        for record in records:
            if record.values["phone"]:
                digits = re.sub("[^0-9]", "", record.values["phone"])
                ways[records[0].entity, digits[-6:]].add(record.values["phone"])
    assert max(map(len, ways.values())) > 2


def test_names_are_as_frequent_as_names_are(main: list[Planted]) -> None:
    """A few names are common, most are rare, and many customers have a namesake."""
    people = [
        record.values["name"]
        for record in main
        if not record.is_duplicate and record.values["kind"] == "person"
    ]
    surnames = [count for _, count in Counter(name.split()[-1] for name in people).most_common()]
    assert surnames[0] > 8 * surnames[len(surnames) // 2]
    assert len(set(people)) < len(people)


def test_memory_does_not_grow_with_the_records(tmp_path: Path) -> None:
    def peak(records: int) -> int:
        tracemalloc.start()
        write(tmp_path / "exports", tmp_path / "truth.csv", records)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(2_000)  # lists of words are made once
    assert peak(8_000) < peak(2_000) + 300_000
