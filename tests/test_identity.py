"""Which records are one customer: each rule joins, each guard refuses, and ids do not depend on order."""

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dagster_project.identity.keys import DOMAIN_LIMIT, MAILBOX_LIMIT
from dagster_project.identity.resolve import RULES
from tests.identity_warehouse import Key, Record, Warehouse, organisation, person

KEYED = [rule for rule in RULES if rule not in ("steward", "probable")]


def clusters(home: Path, records: list[Record], keys: list[Key]) -> dict[str, str]:
    """The customer of each reference, after resolving records of one source with the given keys."""
    warehouse = Warehouse(home)
    warehouse.resolve(records, keys)
    found = warehouse.customers()
    assert len(found) == len(records)
    return found


def organisations(count: int) -> list[Record]:
    return [organisation(f"o{n:03}") for n in range(count)]


@pytest.mark.parametrize("rule", KEYED)
def test_records_that_share_a_key_are_one_customer(tmp_path: Path, rule: str) -> None:
    found = clusters(tmp_path / "home", organisations(3), [("o000", rule, "k"), ("o002", rule, "k")])
    assert found["o000"] == found["o002"] != found["o001"]


def test_keys_chain_over_rules(tmp_path: Path) -> None:
    keys = [
        ("o000", "external_id", "a"), ("o001", "external_id", "a"),
        ("o001", "email", "b@acme.example"), ("o002", "email", "b@acme.example"),
        ("o002", "company_domain", "acme.example"), ("o003", "company_domain", "acme.example"),
    ]  # fmt: skip
    assert len(set(clusters(tmp_path / "home", organisations(4), keys).values())) == 1


def test_a_mailbox_that_many_records_share_identifies_nobody(tmp_path: Path) -> None:
    def ids(home: str, count: int) -> int:
        keys = [(f"o{n:03}", "email", "info@mail.example") for n in range(count)]
        return len(set(clusters(tmp_path / home, organisations(count), keys).values()))

    assert ids("at the limit", MAILBOX_LIMIT) == 1
    assert ids("over it", MAILBOX_LIMIT + 1) == MAILBOX_LIMIT + 1


def test_a_domain_that_many_organisations_share_is_a_providers(tmp_path: Path) -> None:
    def ids(home: str, count: int) -> int:
        keys = [(f"o{n:03}", "company_domain", "provider.example") for n in range(count)]
        return len(set(clusters(tmp_path / home, organisations(count), keys).values()))

    assert ids("at the limit", DOMAIN_LIMIT) == 1
    assert ids("over it", DOMAIN_LIMIT + 1) == DOMAIN_LIMIT + 1


@pytest.mark.parametrize(
    ("rule", "key"), [("email", "ann@adviser.example"), ("company_domain", "adviser.example")]
)
def test_an_adviser_of_two_organisations_does_not_make_them_one(tmp_path: Path, rule: str, key: str) -> None:
    people: list[Record] = [person("ann"), person("ann too")]
    keys = [
        ("o000", "member_of", "first"), ("ann", "member_of", "first"),
        ("o001", "member_of", "second"), ("ann too", "member_of", "second"),
        ("ann", rule, key), ("ann too", rule, key),
    ]  # fmt: skip
    found = clusters(tmp_path / "home", organisations(2) + people, keys)
    assert found["o000"] == found["ann"] != found["ann too"] == found["o001"]


TWO_SALES_SYSTEMS = {"o000": "first", "ann": "first", "o001": "second", "bob": "second"}
ONE_DOMAIN = [
    ("o000", "member_of", "one"), ("ann", "member_of", "one"), ("o001", "member_of", "two"), ("bob", "member_of", "two"),
    *((reference, "company_domain", "acme.example") for reference in TWO_SALES_SYSTEMS),
]  # fmt: skip


def of_two_sales_systems(home: Path, systems: dict[str, str], keys: list[Key]) -> int:
    """How many customers there are of two organisations with one domain, each with somebody of its own."""
    people = [person("ann"), person("bob")]
    return len(set(clusters(home, placed(organisations(2) + people, systems), keys).values()))


def placed(records: list[Record], systems: dict[str, str]) -> list[Record]:
    return [replace(record, system=systems.get(record.source_ref, "shop")) for record in records]


def test_an_organisation_of_two_systems_is_one_by_its_own_domain(tmp_path: Path) -> None:
    """Each system knows other people of it; a company that bought another has such customers."""
    assert of_two_sales_systems(tmp_path / "home", TWO_SALES_SYSTEMS, ONE_DOMAIN) == 1


def test_one_system_tells_two_organisations_of_one_domain_apart(tmp_path: Path) -> None:
    assert of_two_sales_systems(tmp_path / "home", {}, ONE_DOMAIN) == 2
    bob_too = {**TWO_SALES_SYSTEMS, "bob": "first"}  # whatever system the organisation itself is of
    assert of_two_sales_systems(tmp_path / "too", bob_too, ONE_DOMAIN) == 2


@pytest.mark.parametrize("without", ["o000", "o001"])
def test_people_alone_do_not_make_a_domain_their_organisations(tmp_path: Path, without: str) -> None:
    """An adviser may be a contact of one customer in one system, and of another one in the next."""
    keys = [key for key in ONE_DOMAIN if key != (without, "company_domain", "acme.example")]
    # a bill to the adviser does not make the domain the customer's
    keys += [
        ("paid", "external_id", "p"), (without, "external_id", "p"), ("paid", "company_domain", "acme.example"),
    ]  # fmt: skip
    records = placed(
        organisations(2) + [person("ann"), person("bob"), organisation("paid")], TWO_SALES_SYSTEMS
    )
    found = clusters(tmp_path / "home", records, keys)
    assert found["o000"] == found["ann"] != found["bob"] == found["o001"]


def test_two_people_of_one_organisation_with_one_mailbox_are_no_danger(tmp_path: Path) -> None:
    people: list[Record] = [person("ann"), person("bob")]
    keys = [
        *((reference, "member_of", "first") for reference in ("o000", "ann", "bob")),
        *((reference, "email", "team@acme.example") for reference in ("ann", "bob", "o001")),
    ]
    assert len(set(clusters(tmp_path / "home", organisations(2) + people, keys).values())) == 1


def test_an_id_is_that_of_the_earliest_record_whatever_the_order(tmp_path: Path) -> None:
    records: list[Record] = [
        Record("a", created_on=date(2024, 3, 1)), Record("b", created_on=date(2023, 1, 1)), Record("c", created_on=None),
    ]  # fmt: skip
    keys = [(record.source_ref, "company_domain", "acme.example") for record in records]
    alone = clusters(tmp_path / "alone", [records[1]], [])
    random.Random(1).shuffle(records)
    assert set(clusters(tmp_path / "joined", records, keys).values()) == {alone["b"]}


def test_a_record_that_others_only_name_is_unresolved(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.resolve([Record("ghost", kind=None), *organisations(1)])
    assert dict(warehouse.rows("cluster", "source_ref, match_rule")) == {
        "ghost": "unresolved", "o000": "own_record",
    }  # fmt: skip


def test_every_edge_says_why_in_words(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.resolve(organisations(2), [("o000", "email", "a@b.example"), ("o001", "email", "a@b.example")])
    rows = warehouse.rows("evidence", "source_ref, other_source_ref, match_rule, evidence")
    assert rows == [("o001", "o000", "email", RULES["email"])]
    assert "a@b.example" not in str(rows)


@pytest.mark.parametrize("earliest", ["o000", "o001", "o003"])
def test_a_merge_is_dated_where_its_source_says_when(tmp_path: Path, earliest: str) -> None:
    """Three records were merged into o000: one on the 5th, one on the 9th, one at some time."""
    records = [replace(record, created_on=date(2023 if record.source_ref == earliest else 2024, 1, 1))
               for record in organisations(5)]  # fmt: skip
    into = "plain|shop|customers|o000"
    keys: list[Key] = [
        ("o000", "source_merge", into), ("o001", "source_merge", into, date(2025, 1, 5)),
        ("o002", "source_merge", into, date(2025, 1, 9)), ("o003", "source_merge", into),
        ("o003", "member_of", "o004"), ("o004", "member_of", "o004"),
    ]  # fmt: skip
    warehouse = Warehouse(tmp_path)
    warehouse.resolve(records, keys)
    merges = warehouse.rows(
        "evidence", "source_ref, other_source_ref, day(stated_on)", "where match_rule = 'source_merge'"
    )
    assert {(one, other): day for one, other, day in merges} == {
        ("o001", "o000"): 5, ("o002", "o000"): 9, ("o003", "o000"): None,
    }  # fmt: skip
    others = warehouse.rows("evidence", "stated_on", "where match_rule <> 'source_merge'")
    assert others == [(None,)]


def test_what_was_stated_twice_is_dated_by_the_earlier_day(tmp_path: Path) -> None:
    one, other = "plain|shop|customers|o000", "plain|shop|customers|o001"
    keys: list[Key] = [
        ("o000", "source_merge", one), ("o001", "source_merge", one, date(2025, 1, 9)),
        ("o001", "source_merge", other), ("o000", "source_merge", other, date(2025, 1, 5)),
    ]  # fmt: skip
    warehouse = Warehouse(tmp_path)
    warehouse.resolve(organisations(2), keys)
    assert set(warehouse.rows("evidence", "stated_on")) == {(date(2025, 1, 5),)}
