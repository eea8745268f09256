"""Definition cards: what each measure means, written once, as the doc block of its column.

dbt's documentation, the comments in DuckDB and Dagster's catalogue show the block itself. From it follow
`seeds/reference/metric_definition.csv`, for readers of tables alone, and the list in the README.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dagster_project.paths import PROJECT

DEFINITIONS = PROJECT / "seeds" / "reference" / "metric_definition.csv"
README = PROJECT / "README.md"
BEGIN, END = "<!-- every measure: begin, written by `make docs` -->\n", "<!-- every measure: end -->\n"
PARTS = ("formula", "grain", "unit", "counts", "does_not_count", "owner", "decided_in")
UNPUBLISHED = ("staging", "waist")
CSV_COLUMNS = ("metric", "version", "published_in", "sentence", *PARTS)


@dataclass(frozen=True)
class Card:
    """One measure of one table."""

    metric: str
    published_in: str
    sentence: str
    formula: str
    grain: str
    unit: str
    counts: str
    does_not_count: str
    owner: str
    decided_in: str


def read_card(metric: str, table: str, description: str) -> Card | None:
    """The card that a column's description is; None where it is none."""
    found = dict(re.findall(r"^- ([A-Z][a-z ]+): (.+)$", description, flags=re.MULTILINE))
    parts = {name: found.get(name.capitalize().replace("_", " "), "").removesuffix(".") for name in PARTS}
    if not all(parts.values()):
        return None
    sentence = " ".join(description.split("\n\n")[0].split())
    return Card(metric, table, sentence, **parts)


def cards(manifest: Mapping[str, Any]) -> list[Card]:
    """Every card of the published tables, in the order of the tables and their columns."""
    models = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] not in UNPUBLISHED
    ]
    found = [
        read_card(column["name"], f"{node['schema']}.{node['name']}", column["description"])
        for node in sorted(models, key=lambda node: (node["schema"], node["name"]))
        for column in node["columns"].values()
    ]
    return [card for card in found if card]


def definitions(found: list[Card], known: str) -> str:
    """metric_definition.csv: earlier versions stay as they are, the newest one of each measure has its card's words."""
    earlier = [row for row in csv.DictReader(io.StringIO(known)) if row.get("metric")]
    text = io.StringIO()
    out = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\n")
    out.writeheader()
    for card in found:
        versions = [
            row for row in earlier if (row["metric"], row["published_in"]) == (card.metric, card.published_in)
        ]
        newest = max((int(row["version"]) for row in versions), default=1)
        kept = [row for row in versions if int(row["version"]) < newest]
        out.writerows({name: row.get(name, "") for name in CSV_COLUMNS} for row in kept)
        out.writerow(asdict(card) | {"version": newest})
    return text.getvalue()


def listing(found: list[Card]) -> Iterator[str]:
    """The README's list: a table for each published table."""
    tables = dict.fromkeys(card.published_in for card in found)
    for table in tables:
        yield f"\n**{table}**\n\n| measure | what it says | unit |\n|---|---|---|\n"
        for card in found:
            if card.published_in == table:
                yield f"| `{card.metric}` | {card.sentence} | {card.unit} |\n"


def readme(found: list[Card], text: str) -> str:
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{''.join(listing(found))}\n{END}{after}"


def write(manifest: Mapping[str, Any]) -> list[Path]:
    """Write what follows from the cards. Returns the files that changed."""
    found = cards(manifest)
    changed = []
    for path, made in {DEFINITIONS: definitions, README: readme}.items():
        known = path.read_text(encoding="utf-8")
        text = made(found, known)
        if text != known:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed
