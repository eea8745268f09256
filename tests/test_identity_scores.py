"""Scores that are remembered change nothing but the time: each run gives what one in a new home gives."""

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.identity import candidates, parameters, resolve
from dagster_project.identity.candidates import BLOCK_LIMIT
from tests.identity_warehouse import DESCRIBED, Key, Record, Warehouse, person, planted

Decision = tuple[str, str, str]
RECORDS, MEMBERSHIPS = planted(40)
SMALL_BLOCK = 4  # so that blocks grow over the limit and shrink again in a few steps


class Beside:
    """A home that keeps its scores, and a new one at each step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept = Warehouse(folder / "kept")
        self.numbers = count()

    def resolve(
        self, records: Sequence[Record], keys: Iterable[Key] = (), decisions: Iterable[Decision] = ()
    ) -> tuple[int, int]:
        """Pairs compared with scores that were kept, and without; fails where the outcomes differ."""
        new = Warehouse(self.folder / f"new_{next(self.numbers)}")
        found = [home.resolve(records, keys, decisions) for home in (self.kept, new)]
        for outcome in ("cluster", "evidence", "review"):
            assert self.kept.rows(outcome, "*") == new.rows(outcome, "*")
        shutil.rmtree(new.home)
        return found[0].compared, found[1].compared

    @property
    def file(self) -> Path:
        return self.kept.paths.home / "inputs" / "identity" / "scores" / "cache.parquet"


@pytest.fixture
def beside(tmp_path: Path) -> Beside:
    return Beside(tmp_path)


def alike(ref: str, **described: str) -> Record:
    return person(ref, **{"name": "Tabitha Quennell", "street": "Quay 7", "city": "Cork"} | described)


places = st.integers(0, len(RECORDS) - 1)
steps = st.one_of(
    st.tuples(st.just("there are"), st.lists(st.booleans(), min_size=len(RECORDS), max_size=len(RECORDS))),
    st.tuples(st.just("becomes like"), st.lists(st.tuples(places, places, st.sampled_from(DESCRIBED)), min_size=1, max_size=8)),
    st.tuples(st.just("decided"), st.lists(st.tuples(st.booleans(), places, places), max_size=3)),
    st.tuples(st.just("scores of once"), st.none()),
)  # fmt: skip


@settings(max_examples=4, deadline=None)
@given(taken=st.lists(steps, min_size=3, max_size=3))
def test_whatever_comes_changes_or_goes_the_outcome_is_that_of_a_new_home(
    taken: list[tuple], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "BLOCK_LIMIT", SMALL_BLOCK)
        beside = Beside(tmp_path_factory.mktemp("homes"))
        now, is_there, decisions = [*RECORDS], [True] * len(RECORDS), []
        beside.kept.resolve(now, MEMBERSHIPS)
        once = beside.file.read_bytes()
        for step, what in taken:
            if step == "there are":
                is_there = what
            elif step == "becomes like":
                for one, other, name in what:
                    described = {k: v for k, v in now[one].described.items() if k != name}
                    value = now[other].described.get(name)
                    now[one] = replace(now[one], described=described | ({name: value} if value else {}))
            elif step == "decided":
                decisions = [
                    (
                        "must_link" if is_one else "cannot_link",
                        RECORDS[one].source_ref,
                        RECORDS[other].source_ref,
                    )
                    for is_one, one, other in what
                ]
                if {is_one for is_one, *_ in what} == {True, False}:
                    decisions = decisions[:1]  # so that none contradicts another
            else:
                beside.file.write_bytes(once)
            there = [record for record, is_one in zip(now, is_there, strict=True) if is_one]
            refs = {record.source_ref for record in there}
            beside.resolve(there, [key for key in MEMBERSHIPS if key[0] in refs], decisions)


def test_only_what_is_new_or_has_changed_is_compared(beside: Beside) -> None:
    """Neighbours, each of whom is compared with each other one."""

    def compared(*names: str) -> int:
        return beside.kept.resolve([alike(name, name=f"Tabitha {name}") for name in names]).compared

    assert compared("Arrow", "Baker", "Cooper") == 3
    assert compared("Arrow", "Baker", "Cooper") == 0
    assert compared("Arrow", "Baker", "Cooper", "Dyer") == 3
    assert compared("Arrow", "Dyer") == 0
    assert compared("Arrow", "Cooper", "Dyer") == 2
    changed = [
        alike("Arrow", name="Tabitha Arrow"),
        alike("Cooper", name="Tabitha Cooper", phone="+353 21 5550000"),
    ]
    assert beside.resolve(changed) == (1, 1)


def test_a_decision_that_takes_customers_apart_has_their_records_compared(beside: Beside) -> None:
    """The two are one by decision, and are scored for the first time when nothing holds them together."""
    records = [alike(ref) for ref in ("a", "b")]
    assert beside.kept.resolve(records, decisions=[("must_link", "a", "b")]).compared == 0
    assert beside.kept.rows("evidence", "match_rule") == [("steward",)]
    assert beside.resolve(records) == (1, 1)
    assert beside.kept.rows("evidence", "match_rule") == [("probable",)]


def test_of_two_records_the_other_one_may_turn_out_to_be_the_older(beside: Beside) -> None:
    records = [alike(ref) for ref in ("a", "b")]
    beside.kept.resolve(records)
    records[1] = replace(records[1], created_on=date(2020, 1, 1))
    assert beside.resolve(records) == (0, 1)


def test_a_block_that_grows_over_its_limit_and_shrinks_again(beside: Beside) -> None:
    """People of one telephone number; two of them are one, as long as few enough share it. Both have a neighbour each."""
    words = [letter * 6 for letter in "acdefghijklmnopqrstuvwxyz"]
    crowd = [person(f"p{n:02}", name=f"{word} {word[::2]}", phone="441234") for n, word in enumerate(words)]
    crowd[0] = person("one", name="Aaaaaa aaa", phone="441234", street="Quay 7", city="Cork")
    crowd.insert(1, person("too", name="Aaron aaa", phone="441234", street="Pier 2", city="Bray"))
    crowd.insert(0, person("by one", name="Milo Zorn", street="Quay 7", city="Cork"))
    crowd.insert(0, person("by too", name="Yves Wirth", street="Pier 2", city="Bray"))
    one = frozenset(("one", "too"))
    assert len(crowd) == 2 + BLOCK_LIMIT + 1
    beside.kept.resolve(crowd[:-1])
    assert one in beside.kept.groups()
    assert beside.resolve(crowd) == (0, 2)
    assert one not in beside.kept.groups()
    compared = BLOCK_LIMIT * (BLOCK_LIMIT - 1) // 2 + 2
    assert beside.resolve(crowd[:-1]) == (compared, compared)
    assert one in beside.kept.groups()
    assert beside.kept.resolve(crowd[:-1]).compared == 0


def overwritten(file: Path) -> None:
    """But for the end, which tells what is in it."""
    told = file.read_bytes()
    file.write_bytes(told[:4] + bytes(len(told) // 2) + told[4 + len(told) // 2 :])


def written_anew(file: Path, what: str) -> None:
    """With what the file says of itself, and other rows."""
    told = dict(
        duckdb.sql(f"select decode(key), decode(value) from parquet_kv_metadata('{file}')").fetchall()
    )
    metadata = ", ".join(f"{key}: '{value}'" for key, value in told.items())
    rows = duckdb.sql(f"select {what} from '{file}'").to_arrow_table()
    duckdb.from_arrow(rows).query(
        "changed", f"copy changed to '{file}' (format parquet, kv_metadata {{{metadata}}})"
    )


DAMAGES: dict[str, Callable[[Path], object]] = {
    "removed": lambda file: file.unlink(),
    "empty": lambda file: file.write_bytes(b""),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-9]),
    "overwritten": overwritten,
    "of other columns": lambda file: written_anew(file, "1 as x"),
    "with other scores": lambda file: written_anew(file, "* replace (weight - 9 as weight)"),
}


def test_a_damaged_file_costs_time_and_nothing_else(beside: Beside) -> None:
    records = [alike("a"), alike("b"), alike("c", name="Zebedee Marchbanks")]
    found = [(beside.kept.resolve(records).compared, beside.kept.rows("evidence", "*"))]
    for damage in DAMAGES.values():
        damage(beside.file)
        found.append((beside.kept.resolve(records).compared, beside.kept.rows("evidence", "*")))
    assert found[0][0] == 3 and len(found[0][1]) == 1
    assert dict(zip(DAMAGES, found[1:], strict=True)) == dict.fromkeys(DAMAGES, found[0])


def test_other_parameters_have_all_pairs_scored_anew(beside: Beside, tmp_path: Path) -> None:
    records = [alike("a"), alike("b")]
    assert beside.resolve(records) == (1, 1)
    shipped = parameters.read_parameters(tmp_path / "no_ledger")
    doubtful = replace(shipped, version=2, prior=shipped.prior / 100)
    parameters.save_parameters(beside.kept.paths.ledger, doubtful)
    assert beside.kept.resolve(records).compared == 1
    assert beside.kept.resolve(records).compared == 0
    (now,) = beside.kept.rows("evidence", "match_score")
    os.remove(next((beside.kept.paths.ledger / "identity").glob("parameters_*.json")))
    assert beside.resolve(records) == (1, 1)
    (before,) = beside.kept.rows("evidence", "match_score")
    assert now < before


def test_a_run_that_dies_before_it_keeps_its_scores_leaves_those_of_the_run_before(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside.kept.resolve(RECORDS[:30])
    with monkeypatch.context() as patch:
        patch.setattr(resolve.cache, "keep", lambda *_: None)
        beside.kept.resolve(RECORDS)
    beside.resolve(RECORDS[20:])
