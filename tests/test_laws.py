"""The project's own laws, over dbt's manifest: what every model must be, whatever it says."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from dagster_project.dbt import Dbt
from dagster_project.exports.contracts import load_all_contracts, of_vendors
from dagster_project.paths import DBT_PROJECT, PROJECT, Paths

MODELS = sorted((DBT_PROJECT / "models").rglob("*.sql"))
ENGINE = {"staging", "waist"}
SHARED = {"waist", "core"}
LONGEST = 100
DIVIDES_DAYS = {"stg_stripe__price_terms"}  # whole days, rounded to whole intervals: no decimal, no money
CLOCKS = ("current_date", "current_time", "current_timestamp", "localtimestamp", "getdate", "now", "today")
CHANCE = ("random", "uuid", "gen_random_uuid", "rand")

Node = dict[str, Any]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Node:
    home = tmp_path_factory.mktemp("laws")
    return Dbt(Paths(exports=home, reference=home, home=home)).manifest()


@pytest.fixture(scope="module")
def models(manifest: Node) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


@pytest.fixture(scope="module")
def published(models: list[Node]) -> list[Node]:
    return [node for node in models if room(node) not in ENGINE]


def room(node: Node) -> str:
    return node["fqn"][1]


def spoken(sql: str) -> str:
    """A model's SQL without what only people read and without texts."""
    for pattern in (r"\{#.*?#\}", r"--[^\n]*", r"'[^'\n]*'"):
        sql = re.sub(pattern, " ", sql, flags=re.DOTALL)
    return sql.lower()


def calls(sql: str, names: tuple[str, ...]) -> list[str]:
    """Those of `names` that the SQL calls, or names where they need no brackets."""
    bare = [name for name in names if name.startswith("current_") or name == "localtimestamp"]
    called = re.findall(r"\b([a-z_]+)\s*\(", spoken(sql))
    return [name for name in names if name in called] + [
        name for name in bare if re.search(rf"\b{name}\b(?!\s*\()", spoken(sql))
    ]


def divides(sql: str) -> bool:
    """Whether a bare `/` stands in the SQL outside texts and calls of macros."""
    return (
        re.search(r"(?<!/)/(?!/)", re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", spoken(sql), flags=re.DOTALL))
        is not None
    )


def vendors_in(sql: str) -> list[str]:
    """Vendors that the SQL names. `plain` is an English word, so only a text or a staging model counts for it."""
    code = re.sub(r"--[^\n]*|\{#.*?#\}", " ", sql, flags=re.DOTALL).lower()
    names = list(of_vendors(load_all_contracts()))
    return [name for name in names if re.search(rf"'{name}'|stg_{name}|\b{name}_", code)] + [
        name for name in names if name != "plain" and re.search(rf"\b{name}\b", code)
    ]


def foreign_rooms(node: Node, nodes: Node) -> list[str]:
    """Rooms other than its own that a model reads."""
    parents = [nodes[parent] for parent in node["depends_on"]["nodes"] if parent.startswith("model.")]
    return sorted({room(parent) for parent in parents} - SHARED - {room(node)})


def test_no_clock_and_no_chance_in_sql(models: list[Node]) -> None:
    """The same exports give the same numbers on any day."""
    found = {node["name"]: calls(node["raw_code"], CLOCKS + CHANCE) for node in models}
    assert not {name: names for name, names in found.items() if names}


def test_no_clock_and_no_chance_in_macros(manifest: Node) -> None:
    own = [macro for macro in manifest["macros"].values() if macro["package_name"] == "one_company"]
    found = {macro["name"]: calls(macro["macro_sql"], CLOCKS + CHANCE) for macro in own}
    assert own and not {name: names for name, names in found.items() if names}


def test_no_vendor_is_named_right_of_the_waist(published: list[Node]) -> None:
    """A new vendor touches staging and what the waist unions, nothing else."""
    found = {node["name"]: vendors_in(node["raw_code"]) for node in published}
    assert not {name: names for name, names in found.items() if names}


def test_no_room_reads_another(published: list[Node], manifest: Node) -> None:
    """What two rooms need belongs to the waist or to core; nothing right of the waist reads staging."""
    found = {node["name"]: foreign_rooms(node, manifest["nodes"]) for node in published}
    assert not {name: rooms for name, rooms in found.items() if rooms}


def test_waist_reads_no_room(models: list[Node], manifest: Node) -> None:
    rooms = {node["unique_id"] for node in models if room(node) not in ENGINE}
    engine = [node for node in models if room(node) in ENGINE]
    assert not [node["name"] for node in engine if rooms & set(node["depends_on"]["nodes"])]


def test_published_tables_say_what_a_row_is(published: list[Node]) -> None:
    assert not [node["name"] for node in published if not node["description"].startswith("One row per ")]


def test_no_two_tables_have_one_description(published: list[Node]) -> None:
    said: dict[str, list[str]] = {}
    for node in published:
        said.setdefault(node["description"].strip().lower(), []).append(node["name"])
    assert not [names for names in said.values() if len(names) > 1]


def test_published_tables_have_an_enforced_contract(published: list[Node]) -> None:
    assert not [node["name"] for node in published if not node["config"]["contract"]["enforced"]]


def test_every_published_column_has_a_type_and_a_description(published: list[Node]) -> None:
    columns = [(node["name"], column) for node in published for column in node["columns"].values()]
    assert columns
    assert not [
        f"{table}.{column['name']}"
        for table, column in columns
        if not column["data_type"] or not column["description"].strip()
    ]


def test_no_model_asks_for_what_materialisations_leave_out(models: list[Node]) -> None:
    """dbt_project/macros/materialization.sql replaces tables and views, and does nothing else."""
    for model in models:
        config = model["config"]
        asked = [name for name in ("pre-hook", "post-hook", "grants", "indexes") if config.get(name)]
        constraints = [
            *model["constraints"],
            *(c for col in model["columns"].values() for c in col["constraints"]),
        ]
        asked += [one["type"] for one in constraints if one["type"] == "foreign_key"]
        assert not asked and config["materialized"] in ("table", "view"), model["name"]


def test_every_hashed_column_is_checked_to_have_its_clear_form(models: list[Node]) -> None:
    hashed = {
        (node["name"], column)
        for node in models
        if node["schema"] != "restricted"
        for column in re.findall(r"published_ref\('[\w.]+'\) \}\} as (\w+)", node["raw_code"])
    }
    check = (DBT_PROJECT / "tests" / "hashed_reference_holds_every_one.sql").read_text(encoding="utf-8")
    assert hashed and hashed == set(re.findall(r"\('(\w+)', '(\w+)'\)", check))


def test_every_measure_has_a_whole_card(manifest: Node) -> None:
    """Doc blocks beside the SQL are definition cards; those that many tables share lie in models/shared.md."""
    cards = [
        doc
        for doc in manifest["docs"].values()
        if doc["package_name"] == "one_company" and doc["path"] != "shared.md"
    ]
    wanted = [
        "Formula",
        "Grain",
        "Unit",
        "Counts",
        "Does not count",
        "Owner: team:cco-office",
        "Decided in: DECISIONS.md",
    ]
    assert cards
    assert not {
        doc["name"]: lacks
        for doc in cards
        if (lacks := [word for word in wanted if f"\n- {word}" not in doc["block_contents"]])
    }


def test_cards_name_decisions_that_are_there(manifest: Node) -> None:
    headings = re.findall(
        r"^###? (?:\d{4}-\d\d-\d\d: )?(.+)$", (PROJECT / "DECISIONS.md").read_text(), re.MULTILINE
    )
    cited = {
        doc["name"]: name
        for doc in manifest["docs"].values()
        if doc["package_name"] == "one_company"
        for name in re.findall(r'Decided in: DECISIONS.md, "(.+)"\.', doc["block_contents"])
    }
    assert cited and not {card: name for card, name in cited.items() if name not in headings}


def test_no_division_outside_macros(models: list[Node]) -> None:
    """Engines divide decimals differently: `divide`, `ratio` and `whole_division` know how."""
    assert not [
        node["name"] for node in models if divides(node["raw_code"]) and node["name"] not in DIVIDES_DAYS
    ]


def test_every_data_test_reads_a_model(manifest: Node) -> None:
    """One that reads none would never run."""
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert tests
    assert not [
        node["name"]
        for node in tests
        if not any(parent.startswith("model.") for parent in node["depends_on"]["nodes"])
    ]


def test_the_readme_tells_the_grain_of_every_table(models: list[Node]) -> None:
    readme = (DBT_PROJECT / "models" / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| one row\b.* \|$", readme, flags=re.MULTILINE)
    assert sorted(told) == sorted(node["name"] for node in models if room(node) != "staging")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.stem)
def test_model_file(model: Path) -> None:
    """It opens with its grain, is short, and its YAML tells of it and no other model."""
    lines = model.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("-- grain: one row"), "opens with its grain"
    assert len(lines) <= LONGEST, "splits where it grows longer"
    told = yaml.safe_load(model.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
    assert [entry["name"] for entry in told] == [model.stem]


def test_files_are_read_by_the_functions_of_sql_alone() -> None:
    """Elsewhere a name like 's[1].csv' would be a pattern, and a folder 'a=b' a column."""
    of_their_own = {"sql.py"}
    found = [
        f"{file.name}: {line.strip()}"
        for file in (PROJECT / "dagster_project").rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r"(read_(parquet|csv|json\w*)|parquet_\w+)\(\{?(literal|'|\[)", line)
        if file.name not in of_their_own
    ]
    assert found == []


@pytest.mark.parametrize(
    "sql",
    ["select current_date", "select now ()", "select {{ day }} < current_timestamp", "order by random()"],
)
def test_a_clock_is_seen(sql: str) -> None:
    assert calls(sql, CLOCKS + CHANCE)


@pytest.mark.parametrize(
    "sql", ["select known_now", "-- now()\nselect 1", "select 'now()' as text", "select now_on"]
)
def test_what_is_no_clock(sql: str) -> None:
    assert not calls(sql, CLOCKS + CHANCE)


def test_a_division_is_seen() -> None:
    assert divides("select a / b") and divides("select a/b")
    assert not divides("select {{ ratio('a / b', 'c') }}, '/' as slash -- a / b")


def test_a_vendor_is_seen() -> None:
    assert vendors_in("select * from x where vendor = 'plain'") and vendors_in("select stripe_id from x")
    assert not vendors_in("-- stripe\nselect plain from x")
