"""An id that was published stays with its records; where it cannot, days say until when it was theirs."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import UserError
from dagster_project.identity.memory import registry_file
from tests.identity_warehouse import Key, Record, Warehouse, organisation
from tests.test_identity_decisions import files, hashed

D1, D2, D3, D4, D5 = (date(2026, month, 28) for month in range(1, 6))
Piece = tuple[str, date | None, date | None]
Splits = Sequence[tuple[str, str]]


@dataclass
class Company:
    """Runs on one day after the other, each of them published on the next. Groups are written like `ab c`: a and b
    are one customer, by a key that they share; records are dated in the order of their letters."""

    home: Path
    publications: int = field(default=0, init=False)

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.home)

    def run(
        self, groups: str, day: date | None = D1, known_before: datetime | None = None, apart: Splits = ()
    ) -> dict[str, str]:
        """The customer of each record, without publishing it."""
        records = [
            Record(ref, created_on=date(2024, 1, 1 + ord(ref) - ord("a"))) for ref in groups.replace(" ", "")
        ]
        keys: Iterable[Key] = [(ref, "external_id", group) for group in groups.split() for ref in group]
        decisions = [("cannot_link", *pair) for pair in apart]
        self.warehouse.resolve(records, keys, decisions, as_of_on=day, known_before=known_before)
        return self.warehouse.customers()

    def publish(self, groups: str, day: date = D1, apart: Splits = ()) -> dict[str, str]:
        found = self.run(groups, day, apart=apart)
        self.publications += 1
        self.warehouse.publish(f"p{self.publications}", f"{day}T12:00:00+00:00")
        return found

    def pieces(self, ref: str) -> list[Piece]:
        return self.warehouse.pieces(ref)

    def registry(self) -> list[tuple]:
        return duckdb.sql(f"from '{registry_file(self.warehouse.paths.ledger)}' order by all").fetchall()


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path / "home")


def always(customer: str) -> list[Piece]:
    return [(customer, None, None)]


def test_an_id_outlives_new_records_an_earlier_record_and_all_but_the_ledger(company: Company) -> None:
    before = company.publish("cd ef")
    assert before["c"] == before["d"] != before["e"]
    paths = company.warehouse.paths
    for folder in paths.home.iterdir():
        if folder != paths.ledger:
            shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
    after = company.publish("acd befg hi", D2)
    assert {ref: after[ref] for ref in before} == before
    assert (after["a"], after["b"], after["g"]) == (before["c"], before["e"], before["e"])
    assert after["h"] not in before.values()
    assert all(company.pieces(ref) == always(customer) for ref, customer in after.items())


def test_an_id_that_was_never_published_is_no_memory(company: Company) -> None:
    first = company.run("cd")
    assert set(company.run("acd").values()).isdisjoint(first.values())


def test_of_two_ids_that_become_one_that_of_most_records_stays(company: Company) -> None:
    before = company.publish("a bcd")
    after = company.publish("abcd", D2)
    assert set(after.values()) == {before["b"]}
    assert company.pieces("a") == [(before["a"], None, D2), (before["b"], D2, None)]
    assert company.pieces("b") == company.pieces("d") == always(before["b"])
    told = company.warehouse.rows(
        "cluster", "match_rule, match_score", "where source_ref = 'a' order by valid_from"
    )
    assert [*map(tuple, told)] == [("external_id", 1), ("as_published", None)]
    company.publish("abcd", D3)
    assert company.pieces("a") == [(before["a"], None, D2), (before["b"], D2, None)]


def test_of_two_ids_with_as_many_records_the_oldest_stays(company: Company) -> None:
    before = company.publish("bd ac ef")
    after = company.publish("bdacef", D2)
    assert set(after.values()) == {before["a"]}
    assert company.pieces("b") == [(before["b"], None, D2), (before["a"], D2, None)]
    assert company.pieces("f") == [(before["f"], None, D2), (before["a"], D2, None)]


def test_of_a_customer_found_to_be_two_the_part_with_most_records_keeps_the_id(company: Company) -> None:
    before = company.publish("abc")["a"]
    after = company.publish("a bc", D2)
    assert after["b"] == after["c"] == before != after["a"]
    assert company.pieces("a") == [(before, None, D2), (after["a"], D2, None)]
    assert company.pieces("b") == always(before)


def test_of_two_parts_with_as_many_records_the_oldest_keeps_the_id(company: Company) -> None:
    before = company.publish("abcd")["a"]
    after = company.publish("bd ac", D2)
    assert after["a"] == before != after["b"]
    assert company.pieces("d") == [(before, None, D2), (after["b"], D2, None)]


def test_only_records_that_were_published_have_a_say(company: Company) -> None:
    before = company.publish("ab c")
    after = company.publish("abcdefg", D2)
    assert set(after.values()) == {before["a"]}


def test_a_merge_that_is_undone_gives_the_old_ids_back(company: Company) -> None:
    before = company.publish("ab c de")
    merged = company.publish("abcde", D2)
    assert set(merged.values()) == {before["a"]}
    assert company.publish("ab c de", D3) == before
    for ref in "cde":
        assert company.pieces(ref) == [
            (before[ref], None, D2), (before["a"], D2, D3), (before[ref], D3, None),
        ]  # fmt: skip
    assert company.pieces("a") == always(before["a"])
    registry = company.registry()
    assert len(registry) == 2 + 3 * 3
    company.publish("ab c de", D4)
    assert company.registry() == registry


def test_an_id_comes_back_to_those_who_are_most_of_it(company: Company) -> None:
    before = company.publish("cde pqrs")
    for day, groups in ((D2, "de pqrsc"), (D3, "cde pqrs"), (D4, "cdepqrs")):
        assert set(company.publish(groups, day).values()) <= {before["c"], before["p"]}
    after = company.run("c de pqrs", D5)
    assert after["d"] == before["c"] != after["c"] != after["p"] == before["p"]


def test_an_id_whose_records_vanished_is_kept_for_them(company: Company) -> None:
    """Three of seven left it before, and what they are called now counts more than what they were called once."""
    before = company.publish("abcdefg")["a"]
    apart = company.publish("a b c defg", D2)
    assert apart["d"] == before
    assert set(company.publish("abc", D3).values()) == {apart["a"]}
    assert company.run("abc defg", D4) == {
        **dict.fromkeys("abc", apart["a"]),
        **dict.fromkeys("defg", before),
    }


def test_a_split_that_is_undone_gives_the_old_id_back(company: Company) -> None:
    before = company.publish("abc")
    split = company.publish("abc", D2, apart=["ac"])
    assert split["a"] == split["b"] != split["c"]
    assert company.publish("abc", D3) == before
    assert company.pieces("c") == [
        (before["c"], None, D2), (split["c"], D2, D3), (before["c"], D3, None),
    ]  # fmt: skip
    again = company.publish("abc", D4, apart=["ac"])
    assert again == split, "and the same split has the same id again"


@pytest.mark.parametrize("meanwhile", ["abc", "a b c", "ac b"])
def test_what_is_done_and_undone_on_one_day_leaves_no_trace(company: Company, meanwhile: str) -> None:
    before = company.publish("ab c")
    company.publish("ab c", D2)
    registry = company.registry()
    company.publish(meanwhile, D2)
    assert company.registry() != registry
    assert company.publish("ab c", D2) == before
    assert company.registry() == registry
    assert all(company.pieces(ref) == always(before[ref]) for ref in "abc")


def test_what_moves_twice_on_one_day_moved_once(company: Company) -> None:
    before = company.publish("ab cd e")
    company.publish("abe cd", D2)
    company.publish("ab cde", D2)
    assert company.pieces("e") == [(before["e"], None, D2), (before["c"], D2, None)]


def test_a_record_that_was_never_published_has_its_customers_id_from_the_start(company: Company) -> None:
    before = company.publish("ab")
    company.publish("abc", D2)
    assert company.pieces("c") == always(before["a"])
    company.run("abc d", D2)  # and what was found but never published does not count
    company.publish("abcd", D2)
    assert company.pieces("d") == always(before["a"])


def test_no_id_is_ever_given_to_another_customer(company: Company) -> None:
    """Each time the greater part leaves `a` and takes the id that its records had."""
    given = [company.publish("abcd")["a"]]
    for day, groups in ((D2, "a bcd"), (D3, "aefg bcd"), (D4, "a efg bcd")):
        given.append(company.publish(groups, day)["a"])
    assert len(set(given)) == 3 and given[1] == given[2]
    held = company.run("a efg bcd", D4)
    assert (held["b"], held["e"]) == (given[0], given[1])
    assert len(set(held.values())) == 3


def test_an_id_that_is_made_up_anew_is_nobody_elses(company: Company) -> None:
    """`a` leaves its id to the greater part. The next one made of its name is the first one made of another record's."""
    warehouse = company.warehouse
    three, other = [Record(ref) for ref in "abc"], Record("a|2")

    def run(records: Sequence[Record], together: str, day: date) -> dict[str, str]:
        warehouse.resolve(records, [(ref, "external_id", "k") for ref in together], as_of_on=day)
        return warehouse.customers()

    before = run(three, "abc", D1)["a"]
    warehouse.publish("p1")
    after = run([*three, other], "bc", D2)
    assert after["b"] == after["c"] == before
    assert len({*after.values()}) == 3, "of two that want an id in one run one gets it"

    alone = run(three, "bc", D2)["a"]
    warehouse.publish("p2")
    later = run([*three, other], "abc", D3)
    assert later["a"] == before
    assert later["a|2"] not in (before, alone), "nor one that nobody has any more"


def test_records_that_vanish_keep_their_id_for_when_they_return(company: Company) -> None:
    before = company.publish("ab c")
    company.publish("d", D2)
    company.publish("b d", D3)
    assert company.pieces("b") == always(before["a"])
    assert {**company.publish("ab c d", D4), "d": ""} == {**before, "d": ""}
    assert all(company.pieces(ref) == always(before[ref]) for ref in "abc")


def test_a_look_back_sees_what_was_known_then(company: Company) -> None:
    before = company.publish("a bc")
    company.publish("abc", D2)

    assert company.run("a bc", D4, known_before=datetime(2026, 2, 1)) == before
    assert all(company.pieces(ref) == always(before[ref]) for ref in "abc"), "nobody knew of the merge"
    company.run("a bc", D1, known_before=datetime(2026, 1, 1))
    assert {company.pieces(ref)[0][1:] for ref in "abc"} == {(None, None)}, "nothing was published"
    company.run("abc", D4, known_before=datetime(2026, 3, 1))
    assert company.pieces("a") == [(before["a"], None, D2), (before["b"], D2, None)]


def test_a_look_back_to_an_earlier_day_sees_what_held_then(company: Company) -> None:
    before = company.publish("a bc")
    company.publish("abc", D3)
    company.run("abc", D2)
    assert all(company.pieces(ref) == always(before[ref]) for ref in "abc")
    company.run("abc", D3)
    assert company.pieces("a") == [(before["a"], None, D3), (before["b"], D3, None)]
    company.run("a bc", D2)
    assert all(company.pieces(ref) == always(before[ref]) for ref in "abc"), "undone, and not yet done"


def test_what_was_learned_keeps_its_moment(company: Company) -> None:
    company.publish("a bc")
    company.publish("abc d", D2)
    company.publish("abc d", D3)
    learned = {(row[3], row[5]): row[7] for row in company.registry()}
    at = {day: datetime.combine(day, datetime.min.time().replace(hour=12)) for day in (D1, D2)}
    assert learned == {
        ("a", None): at[D1], ("a", D2): at[D2], ("b", None): at[D1], ("c", None): at[D1], ("d", None): at[D2],
    }  # fmt: skip


def test_ids_shaped_like_addresses_are_remembered_without_them(company: Company) -> None:
    warehouse, refs = company.warehouse, ("ann@a.example", "bob@b.example")
    records = [*map(organisation, refs)]
    warehouse.resolve(records, as_of_on=D1)
    before = warehouse.customers()
    warehouse.publish("p1", "2026-01-29T00:00:00+00:00")
    keys = [(ref, "external_id", "k") for ref in refs]
    warehouse.resolve(records, keys, as_of_on=D2)
    warehouse.publish("p2", "2026-02-28T00:00:00+00:00")
    ann, bob = (before[ref] for ref in refs)
    assert warehouse.pieces(refs[1]) == [(bob, None, D2), (ann, D2, None)]
    warehouse.resolve(records, as_of_on=D3)
    assert warehouse.customers() == before
    assert {row[3] for row in company.registry()} == {*map(hashed, refs)}
    assert "@" not in str(company.registry())
    assert b"example" not in registry_file(warehouse.paths.ledger).read_bytes()


def written_anew(file: Path, query: str, **metadata: str) -> None:
    """With the rows of a query over it, and what the file shall say of itself."""
    rows = duckdb.sql(query.format(file)).to_arrow_table()
    said = ", ".join(f"{name}: '{value}'" for name, value in metadata.items())
    options = f"format parquet, kv_metadata {{{said}}}" if said else "format parquet"
    duckdb.from_arrow(rows).query("registry", f"copy registry to '{file}' ({options})")


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])


def overwritten_within(file: Path) -> None:
    """The end, which tells what is in it, is whole."""
    told = file.read_bytes()
    file.write_bytes(told[:4] + b"\xff" * 60 + told[64:])


NEWER, DAMAGED = (
    "{} has format 2, and this version of the project knows format 1 only: run the version that wrote it, or restore the file "
    "from a backup.",
    "{} is damaged: restore it from a backup.",
)
UNREADABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "from a newer version": (lambda file: written_anew(file, "from '{}'", format="2"), NEWER),
    "of another origin": (lambda file: written_anew(file, "from '{}'"), DAMAGED),
    "without a column": (lambda file: written_anew(file, "select * exclude (learned_at) from '{}'", format="1"), DAMAGED),
    "cut off": (cut_off, DAMAGED),
    "overwritten within": (overwritten_within, DAMAGED),
    "empty": (lambda file: file.write_bytes(b""), DAMAGED),
}  # fmt: skip


def test_a_registry_that_cannot_be_read_stops_the_run_with_one_sentence_and_nothing_changes(
    company: Company,
) -> None:
    company.publish("ab c")
    paths = company.warehouse.paths
    file = registry_file(paths.ledger)
    whole = file.read_bytes()
    for how, (damage, sentence) in UNREADABLE.items():
        file.write_bytes(whole)
        damage(file)
        before = files(paths.ledger), files(paths.input("identity", "cluster").parents[1])
        for use in (lambda: company.run("abc d", D2), lambda: company.warehouse.publish("p2")):
            with pytest.raises(UserError) as told:
                use()
            assert str(told.value) == sentence.format(file), how
        assert (files(paths.ledger), files(paths.input("identity", "cluster").parents[1])) == before, how


def test_to_remember_a_publication_twice_is_to_remember_it_once(company: Company) -> None:
    company.publish("a bc")
    company.publish("abc", D2)
    before = company.registry()
    company.warehouse.publish("p2", "2026-12-01T00:00:00+00:00")
    assert company.registry() == before
