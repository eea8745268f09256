"""The sample company: made again it is the same, at any size, and its truth agrees with itself and with its files."""

import csv
import gzip
import io
import json
import re
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dagster_project.exports.contracts import load_contracts
from dagster_project.paths import PROJECT
from tests.oracles.customer_math import value_movements
from tests.oracles.facts_from_plain import read_rows
from tests.oracles.facts_from_truth import facts_from_truth

SEEDS = PROJECT / "seeds"
SIMULATE = SEEDS / "exports" / "simulate.py"
LAST_DAY = date(2026, 10, 31)
AFTER_THE_LAST_DAY = 1_793_491_200  # in epoch seconds


def simulate(folder: Path, *options: str) -> Path:
    command = [sys.executable, SIMULATE, "--out", folder / "exports", "--truth", folder / "truth", *options]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def files_in(folder: Path) -> dict[str, Path]:
    """Every data file, by its path in the folder."""
    return {
        str(path.relative_to(folder)): path
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".csv", ".gz", ".zip", ".json")
    }


def contents(folder: Path) -> dict[str, bytes]:
    """What the files hold, unpacked: how well they are packed depends on the machine's zlib."""
    found = {}
    for name, path in files_in(folder).items():
        if path.suffix == ".gz":
            found[name] = gzip.decompress(path.read_bytes())
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found |= {f"{name}/{member}": archive.read(member) for member in archive.namelist()}
        else:
            found[name] = path.read_bytes()
    return found


def records(content: bytes) -> list[list[str]]:
    """Header and rows, as text; of JSON all names and what each object has under them."""
    text = content.decode("utf-8-sig")
    if text[:1] in ("[", "{"):
        entries = json.loads(text) if text[0] == "[" else [json.loads(line) for line in text.splitlines()]
        flat = [dict(named(entry)) for entry in entries]
        names = list(dict.fromkeys(name for entry in flat for name in entry))
        return [names, *([str(entry.get(name, "")) for name in names] for entry in flat)]
    return list(csv.reader(io.StringIO(text, newline="")))


def named(entry: dict) -> Iterator[tuple[str, object]]:
    """What an object holds, and what an object within it holds under both names."""
    for name, value in entry.items():
        yield name, value
        if isinstance(value, dict):
            yield from ((f"{name}_{inner}", held) for inner, held in value.items())


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company, made afresh."""
    return simulate(tmp_path_factory.mktemp("again"))


@pytest.fixture(scope="module")
def smaller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(tmp_path_factory.mktemp("smaller"), "--customers", "120")


def test_the_same_seed_gives_the_same_bytes(smaller: Path, tmp_path: Path) -> None:
    once_more = simulate(tmp_path, "--customers", "120")
    assert {name: path.read_bytes() for name, path in files_in(smaller).items()} == {
        name: path.read_bytes() for name, path in files_in(once_more).items()
    }


def test_another_seed_gives_another_company(smaller: Path, tmp_path: Path) -> None:
    other = contents(simulate(tmp_path, "--customers", "120", "--seed", "8"))
    same = {name for name, content in contents(smaller).items() if other[name] == content}
    alike = ("/prices_", "/coupons_", "/silo_metrics")
    assert same == {name for name in other if any(part in name for part in alike)}


@pytest.mark.parametrize("part", ["exports", "truth"])
def test_the_committed_sample_is_a_fresh_run(again: Path, part: str) -> None:
    fresh, committed = contents(again / part), contents(SEEDS / part)
    assert [name for name in fresh | committed if fresh.get(name) != committed.get(name)] == []


def test_a_customer_is_the_same_at_any_size(again: Path, smaller: Path) -> None:
    """Every row of the smaller company stands in the larger one, in the same order."""
    larger = contents(again)
    for name, content in contents(smaller).items():
        remaining = iter(records(larger[name]))
        if name not in ("truth/bad_rows.csv", "truth/surveys.csv"):
            assert all(record in remaining for record in records(content)), name
    assert [row for row in records(larger["truth/bad_rows.csv"])] == records(
        contents(smaller)["truth/bad_rows.csv"]
    )


def test_memory_does_not_grow_with_the_company() -> None:
    """Python's own allocations, at their highest; a company five times as large may need a little more for caches."""
    script = (
        "import sys, tempfile, tracemalloc; from pathlib import Path\n"
        f"sys.path.insert(0, {str(SIMULATE.parent)!r})\n"
        "from simulate import simulate\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    simulate(Path(folder) / 'warm', None, 200, 12)\n"
        "    tracemalloc.start()\n"
        "    simulate(Path(folder) / 'measured', Path(folder) / 'truth', int(sys.argv[1]), 6)\n"
        "    print(tracemalloc.get_traced_memory()[1])\n"
    )
    small, large = (
        int(
            subprocess.run(
                [sys.executable, "-c", script, size], check=True, capture_output=True, text=True
            ).stdout
        )
        for size in ("500", "2500")
    )
    assert large < small + 4_000_000


def test_the_movements_follow_from_the_spans(again: Path) -> None:
    """The simulator and the oracle work them out on their own ways from the same spans."""
    truth = again / "truth"
    planted = {
        (row["true_customer"], row["moved_on"], row["movement"]) for row in read_rows(truth / "movements.csv")
    }
    movements = value_movements(facts_from_truth(truth, SEEDS / "reference", LAST_DAY))
    assert planted == {
        (movement.customer, str(movement.moved_on), movement.movement)
        for movement in movements
        if movement.movement in ("new", "won_back", "lost")
        or (movement.movement in ("expansion", "contraction") and movement.value.mrr)
    }


def test_every_loss_has_its_reason_and_only_losses_have(again: Path) -> None:
    rows = read_rows(again / "truth" / "losses.csv")
    known = {row["reason"] for row in read_rows(SEEDS / "reference" / "loss_reason.csv")} | {"unknown"}
    assert {row["reason"] for row in rows} <= known
    lost = [
        (row["true_customer"], row["moved_on"])
        for row in read_rows(again / "truth" / "movements.csv")
        if row["movement"] == "lost"
    ]
    assert [(row["true_customer"], row["lost_on"]) for row in rows] == lost


def test_nothing_happened_after_the_last_day(again: Path) -> None:
    for vendor, contract_of in OBJECT_OF.items():
        contracts = {contract.object: contract for contract in load_contracts(vendor)}
        for name, content in contents(again / "exports" / vendor).items():
            header, *rows = records(content)
            found = contracts[contract_of(name)].match(header)
            happened = [
                c.name for c in contracts[contract_of(name)].columns if c.happened and c.name in found
            ]
            late = [
                (name, column)
                for row in rows
                if len(row) == len(header)
                for column in happened
                if (row[found[column]][:1] == "2" and row[found[column]][:10] > str(LAST_DAY))
                or (row[found[column]].isdigit() and int(row[found[column]]) >= AFTER_THE_LAST_DAY)
            ]
            assert late == []


def test_every_header_fits_its_contract(again: Path) -> None:
    for vendor, contract_of in OBJECT_OF.items():
        contracts = {contract.object: contract for contract in load_contracts(vendor)}
        for name, content in contents(again / "exports" / vendor).items():
            contract = contracts[contract_of(name)]
            assert contract.missing(contract.match(records(content)[0])) == [], name


def stripe_object(name: str) -> str:
    name = name.replace("dashboard/unified_", "").replace("dashboard/", "dashboard_")
    return name[: name.index("_2026")]


def salesforce_object(name: str) -> str:
    members = {"Account": "accounts", "Contact": "contacts", "Opportunity": "opportunities", "Case": "cases"}
    return members.get(Path(name).stem, "accounts")


def named_object(name: str) -> str:
    """Of files that say it before the day: `customers_2026-11-01.csv`, `hubspot-crm-exports-all-deals-2026-11-01.csv`."""
    return re.search("([a-z]+)[_-]2026", name)[1]


def delighted_object(name: str) -> str:
    return {"people": "people", "unsubscribes": "unsubscribes"}.get(named_object(name), "survey_responses")


def qualtrics_object(name: str) -> str:
    """A file that holds responses is named after its survey."""
    lists = ("contacts", "distributions", "distribution_contacts", "surveys")
    return next((found for found in lists if name.startswith(f"{found}_2026")), "responses")


def plain_object(name: str) -> str:
    return Path(name).name[: Path(name).name.index("_2026")]


OBJECT_OF = {
    "qualtrics": qualtrics_object, "plain": plain_object,
    "stripe": stripe_object, "salesforce": salesforce_object, "chargebee": named_object, "hubspot": named_object,
    "surveymonkey": lambda _: "responses", "delighted": delighted_object, "zendesk": named_object,
}  # fmt: skip


def test_the_bad_rows_stand_where_the_truth_says(again: Path) -> None:
    """A bad row is one more record: its values appear nowhere in the truth."""
    files = contents(again / "exports")
    seen = set()
    for row in read_rows(again / "truth" / "bad_rows.csv"):
        header_rows = {"qualtrics": 3, "surveymonkey": 2}.get(row["file"].split("/")[0], 1)
        bad = records(files[row["file"]])[header_rows - 1 + int(row["record"])]
        assert any("bad" in value.lower() or value in ("Nobody", "99999999") for value in bad), row
        assert (row["what"] == "short row") == (len(bad) < len(records(files[row["file"]])[0]))
        seen.add(row["what"])
    assert {"no such day", "decimal comma", "missing key", "short row", "a word for a score"} <= seen


def test_every_story_is_told(again: Path) -> None:
    """What makes the company hard to count happens to some customer each, and shows in the truth."""
    truth = again / "truth"
    story_of = {row["true_customer"]: row["story"] for row in read_rows(truth / "customers.csv")}
    moved: dict[str, set[str]] = defaultdict(set)
    for row in read_rows(truth / "movements.csv"):
        moved[story_of[row["true_customer"]]].add(row["movement"])
    paid = {story_of[row["true_customer"]] for row in read_rows(truth / "spans.csv")}
    for story in (
        "pause", "win_back", "win_back_new_record", "late_beyond_grace", "bought_pause", "bought_win_back",
    ):  # fmt: skip
        assert "won_back" in moved[story], story
    assert not {
        "free_plan",
        "test_account",
        "trial_lost",
        "incomplete",
        "prospect",
        "test_buyer",
        "bought_trial",
        "bought_deleted",
        "bought_prospect",
    } & (paid | {story for story, movements in moved.items() if movements})
    assert {"orphan", "weekly", "tiered", "dashboard_only", "billing_only", "leap_day"} <= paid
    assert "expansion" in moved["bought_grows"] and "lost" in moved["bought_dunning"]
    assert moved["bought_moved"] and "lost" not in moved["bought_moved"]  # billed elsewhere from then on
    assert {"both_by_domain", "both_by_mail", "both_by_reference"} <= paid
    assert "expansion" in moved["back_dated"] and "lost" in moved["back_dated_end"] | moved["in_and_out"]
    assert list(in_and_out_within_a_month(truth, story_of))


def in_and_out_within_a_month(truth: Path, story_of: dict[str, str]) -> Iterator[str]:
    months: dict[str, set[str]] = defaultdict(set)
    for row in read_rows(truth / "movements.csv"):
        if story_of[row["true_customer"]] == "in_and_out" and row["movement"] in ("new", "lost"):
            months[row["true_customer"]].add(row["moved_on"][:7])
    yield from (customer for customer, held in months.items() if len(held) == 1)
