"""The publication log, `ledger/publications.jsonl`: one line for each time that readers were given
something else.

{"format": 1, "event": "published", "publication_id": …, "as_of_on": …, "fingerprint": …, …}
{"format": 1, "event": "rolled_back", "publication_id": <now current>, "instead_of": <current before>, …}
"""

import json
import os
from pathlib import Path
from typing import Any

from dagster_project.disk import sync
from dagster_project.errors import UserError
from dagster_project.publication.shelf import manifest_of

FORMAT = 1
KEPT_OF_A_MANIFEST = (
    "publication_id", "as_of_on", "known_on", "project_version", "fingerprint", "batches", "published_at",
)  # fmt: skip

Event = dict[str, Any]


def log_file(ledger: Path) -> Path:
    return ledger / "publications.jsonl"


def read_events(ledger: Path) -> list[Event]:
    """All events, oldest first. A last line without an end was cut off by a crash and says nothing."""
    file = log_file(ledger)
    if not file.exists():
        return []
    events = []
    *lines, _ = file.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, start=1):
        try:
            event = json.loads(line)
        except json.JSONDecodeError as error:
            raise UserError(
                f"Line {number} of {file} cannot be read as JSON: restore the file from a backup, or delete "
                "that line (the log then forgets one publication)."
            ) from error
        if event.get("format") != FORMAT:
            raise UserError(
                f"Line {number} of {file} has format {event.get('format')}, and this version of the project "
                f"knows format {FORMAT} only: run the version that wrote it."
            )
        events.append(event)
    return events


def append_event(ledger: Path, event: Event) -> None:
    """Add one event for good, after cutting off what a crash left of another."""
    ledger.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"format": FORMAT, **event}, ensure_ascii=False).encode() + b"\n"
    with open(log_file(ledger), "a+b") as file:
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    sync(ledger)


def published_event(publication: Path) -> Event:
    """The event that says a publication was published, from its own manifest."""
    manifest = manifest_of(publication)
    return {"event": "published", **{name: manifest[name] for name in KEPT_OF_A_MANIFEST}}


def published(events: list[Event]) -> dict[str, Event]:
    """The publications ever published, in the order they were first, each with its last event."""
    return {event["publication_id"]: event for event in events if event["event"] == "published"}


def order_of(events: list[Event]) -> dict[str, int]:
    """When each publication was last published: a higher number is later."""
    return {event["publication_id"]: n for n, event in enumerate(events) if event["event"] == "published"}


def withdrawn(events: list[Event]) -> set[str]:
    """The publications that readers were taken back from, since anything was last published."""
    ids = set()
    for event in reversed(events):
        if event["event"] != "rolled_back":
            break
        ids.add(event["instead_of"])
    return ids
