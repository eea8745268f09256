"""The identity step against planted truth: how many pairs of records it ties, and how many of those are right.

`pytest -s` prints which rules earn them, and which noise and stories cost them.
"""

import csv
import random
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import duckdb
import pytest
from simulator.duplicates import write

from dagster_project.paths import Paths
from tests.identity_truth import Judge, Judgement, find_customers

RECORDS = 6000
PRECISION, RECALL = 0.99, 0.95
NAME_AND_ADDRESS_RECALL = 0.85  # of some 0.88 that can be seen at all: who moved has nothing left but a name
WRONGLY_JOINED = 0.005  # share of the records where nobody has two


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Judgement]:
    def judge(title: str, **kind: bool) -> Judgement:
        folder = tmp_path_factory.mktemp("planted")
        write(folder / "exports", folder / "truth.csv", RECORDS, **kind)
        judge = Judge(find_customers(folder / "exports", folder / "home"), folder / "truth.csv")
        print(judge.report(title))
        return judge.judgement()

    return judge


def test_the_found_customers_are_the_true_ones(judged: Callable[..., Judgement]) -> None:
    found = judged("all fields")
    assert found.precision >= PRECISION
    assert found.recall >= RECALL


def test_records_that_hold_a_name_and_an_address_alone(judged: Callable[..., Judgement]) -> None:
    found = judged("name and address only", name_and_address_only=True)
    assert found.precision >= PRECISION
    assert found.recall >= NAME_AND_ADDRESS_RECALL


def test_where_nobody_has_two_records_hardly_any_are_joined(judged: Callable[..., Judgement]) -> None:
    found = judged("no duplicates", has_duplicates=False)
    assert found.true_customers == found.records
    assert found.wrongly_joined_share <= WRONGLY_JOINED


def test_pairs_are_counted_as_a_list_of_them_would_be(tmp_path: Path) -> None:
    rng = random.Random(1)
    rows = [(f"r{n}", f"true {rng.randrange(9)}", f"found {rng.randrange(12)}") for n in range(60)]
    truth, paths = tmp_path / "truth.csv", Paths(tmp_path, tmp_path, tmp_path / "home")
    with truth.open("w", newline="") as file:
        csv.writer(file).writerows(
            [("system", "object", "source_ref", "true_customer")]
            + [("crm", "customers", ref, customer) for ref, customer, _ in rows]
        )
    write_outcome(paths, rows, [("r0", "r1", "email"), ("r1", "r0", "email"), ("r2", "r3", "member_of")])
    judge = Judge(paths, truth)
    pairs = list(combinations(rows, 2))
    right = sum(one[1:] == other[1:] for one, other in pairs)
    assert judge.judgement() == Judgement(
        records=60,
        true_customers=len({row[1] for row in rows}),
        found_customers=len({row[2] for row in rows}),
        true_pairs=sum(one[1] == other[1] for one, other in pairs),
        found_pairs=sum(one[2] == other[2] for one, other in pairs),
        right_pairs=right,
        wrongly_joined=sum(any(other[2] == row[2] and other[1] != row[1] for other in rows) for row in rows),
    )
    same = {(one[0], other[0]): one[1] == other[1] for one, other in pairs}
    assert [rule[:4] for rule in judge.rules()] == [
        ("email", 1, same["r0", "r1"], not same["r0", "r1"]),
        ("member_of", 1, same["r2", "r3"], not same["r2", "r3"]),
    ]


def test_a_rule_that_nothing_replaces_is_missed(tmp_path: Path) -> None:
    truth, paths = tmp_path / "truth.csv", Paths(tmp_path, tmp_path, tmp_path / "home")
    truth.write_text(
        "system,object,source_ref,true_customer\n" + "".join(f"crm,customers,r{n},c\n" for n in range(3))
    )
    edges = [("r0", "r1", "email"), ("r0", "r1", "company_domain"), ("r1", "r2", "company_domain")]
    write_outcome(paths, [(f"r{n}", "c", "k") for n in range(3)], edges)
    lost = {rule[0]: rule[4] for rule in Judge(paths, truth).rules()}
    assert lost == {"email": 0, "company_domain": pytest.approx(2 / 3, abs=1e-4)}


def write_outcome(paths: Paths, rows: list[tuple[str, str, str]], edges: list[tuple[str, str, str]]) -> None:
    """What the identity step would write for (reference, true customer, found customer) and (one, other, rule)."""
    con = duckdb.connect()
    con.execute(
        "create table cluster (vendor text, system text, object text, source_ref text, customer_id text, valid_to date)"
    )
    con.execute("""
        create table evidence (system text, object text, source_ref text, other_system text, other_object text,
            other_source_ref text, match_rule text)
    """)
    for ref, _, found in rows:
        con.execute("insert into cluster values ('plain', 'crm', 'customers', ?, ?, null)", [ref, found])
        con.execute(
            "insert into cluster values ('plain', 'crm', 'customers', ?, 'of old', date '2026-01-01')", [ref]
        )
    for one, other, rule in edges:
        con.execute(
            "insert into evidence values ('crm', 'customers', ?, 'crm', 'customers', ?, ?)",
            [one, other, rule],
        )
    for name in ("cluster", "evidence"):
        path = paths.input("identity", name)
        path.parent.mkdir(parents=True)
        con.execute(f"copy {name} to '{path}' (format parquet)")
