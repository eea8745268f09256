"""Publish, roll back, and pick up where a killed run stopped.

The order is what makes it safe to die anywhere: a draft counts for nothing; the rename of its folder
decides that it is a publication; the link and the log follow from the folders that are there (`recover`).
All of these functions want the writer's lock to be held; readers need none.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dagster_project.closing import Closings, closings, forget, settle
from dagster_project.disk import sync_tree
from dagster_project.errors import UserError
from dagster_project.great_expectations_duckdb import CheckResult
from dagster_project.identity.memory import remember, remembered
from dagster_project.paths import Paths
from dagster_project.publication.audit import AuditFailed, audit_tables
from dagster_project.publication.edition import Edition, view_name
from dagster_project.publication.files import full_disk_said_plainly
from dagster_project.publication.log import (
    Event,
    append_event,
    order_of,
    published,
    published_event,
    read_events,
    withdrawn,
)
from dagster_project.publication.manifest import accepted_batches, day, make_manifest, write_manifest
from dagster_project.publication.shelf import Shelf, manifest_of
from dagster_project.publication.tables import PublishedTable, copy_tables, open_draft, write_files

KEPT = 10
TRIAL = "restate"  # the link under views/ to what would be published, and restated

Audit = Callable[[Sequence[PublishedTable], Mapping[str, Path], Path], list[CheckResult]]


@dataclass(frozen=True)
class Publication:
    """What readers get: where it is, its manifest, and, where this call made it, how its checks went."""

    publication_id: str
    folder: Path
    manifest: Mapping[str, Any]
    is_new: bool
    checks: Sequence[CheckResult] = ()


def publish(paths: Paths, edition: Edition, audit: Audit = audit_tables) -> Publication:
    """Publish the warehouse as this edition and give it to readers; of a view, to those who look for its day.

    Returns what is published already where it has the same fingerprint. Raises AuditFailed where a check
    does not hold, and UserError where the disk is full: then what readers get does not change, and no
    draft stays behind.
    """
    recover(paths)
    shelf = shelf_of(paths, edition.view)
    now = shelf.linked()
    if now and manifest_of(now)["fingerprint"] == edition.fingerprint:
        return Publication(now.name, now, manifest_of(now), is_new=False)
    shelf.folder.mkdir(parents=True, exist_ok=True)
    with full_disk_said_plainly(paths.published):
        draft = shelf.draft(edition.publication_id)
        try:
            manifest, checks = write_draft(paths, edition, draft, audit)
            publication = shelf.place(draft, edition.publication_id)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        shelf.point_to(publication)
        if edition.view is None:
            append_event(paths.ledger, published_event(publication))
            remember_ids(paths)
            settle(paths.ledger, edition.publication_id)
        elif edition.view == TRIAL:
            forget(paths.ledger)
    prune(paths)
    return Publication(edition.publication_id, publication, manifest, is_new=True, checks=checks)


def write_draft(
    paths: Paths, edition: Edition, draft: Path, audit: Audit
) -> tuple[dict[str, Any], list[CheckResult]]:
    """Write all of a publication into a folder that nobody reads, and force it onto the disk."""
    with open_draft(paths.warehouse, draft) as connection:
        batches = accepted_batches(connection)
        tables = copy_tables(
            connection, edition.publication_id, history(paths, edition, batches), closings_of(paths, edition)
        )
        files = write_files(connection, draft, tables)
        checks = audit(tables, files, draft / "audit")
        if failures := [check for check in checks if not check.passed]:
            raise AuditFailed(failures, paths.warehouse)
        manifest = make_manifest(connection, edition, paths.exports, batches, tables, checks)
        for alias in ("open", "restricted"):
            connection.execute(f'detach "{alias}"')
    shutil.rmtree(draft / ".spill", ignore_errors=True)
    write_manifest(draft, manifest)
    sync_tree(draft)
    return manifest, checks


def closings_of(paths: Paths, edition: Edition) -> Closings:
    """What this edition shows of closed periods; a look back knows of those closed by its own day, and restates nothing."""
    is_look_back = edition.view not in (None, TRIAL)
    return closings(paths.ledger, edition.publication_id, edition.as_of_on if is_look_back else None)


def history(paths: Paths, edition: Edition, batches: int) -> list[Event]:
    """The publications up to and with this edition, each once, in the order they were first published."""
    earlier = published(read_events(paths.ledger))
    this = {
        "publication_id": edition.publication_id,
        "as_of_on": day(edition.as_of_on),
        "known_on": day(edition.known_on),
        "project_version": edition.project_version,
        "fingerprint": edition.fingerprint,
        "batches": batches,
    }
    return list({**earlier, edition.publication_id: this}.values())


def recover(paths: Paths) -> None:
    """Finish what a killed run began: remove drafts, log publications that the log lacks, and give
    readers the one that had been renamed but not yet linked; the ledger, the ids it published. Also
    writes a lost log anew from the publications that are kept."""
    views = Shelf(paths.published / "views")
    shelf = Shelf(paths.published)
    for folder in (shelf, views):
        folder.tidy()
    known = order_of(read_events(paths.ledger))
    unlogged = sorted(
        (folder for folder in shelf.publications() if folder.name not in known),
        key=lambda folder: manifest_of(folder)["published_at"],
    )
    if unlogged:
        now = shelf.linked()
        if now is None or now.name in known:
            shelf.point_to(unlogged[-1])
        for publication in unlogged:
            append_event(paths.ledger, published_event(publication))
    remember_ids(paths)
    if last := last_published(paths):
        settle(paths.ledger, last)


def remember_ids(paths: Paths) -> None:
    """Write the ids of the last publication into the ledger, where they are not yet."""
    last = last_published(paths)
    if last is None or remembered(paths.ledger) == last:
        return
    publication = paths.published / last
    identity_map = publication / "parquet" / "core" / "identity_map.parquet"
    if identity_map.exists():
        remember(paths.ledger, identity_map, last, manifest_of(publication)["published_at"])


def last_published(paths: Paths) -> str | None:
    """The publication that was published last, rolled back or not."""
    order = order_of(read_events(paths.ledger))
    return max(order, key=order.__getitem__, default=None)


def nothing_new(paths: Paths, fingerprint: str, view: str | None = None) -> str | None:
    """Why inputs with this fingerprint need no run, as a sentence; null where they do.

    They need none where readers have them already. And none where they were published, then rolled back,
    and nothing was published since: a roll back was somebody's decision, so only changed inputs, or a
    roll back to the later publication by its name, end it. Give `view` for a look back, which asks only
    about its own days.
    """
    now = shelf_of(paths, view).linked()
    if now is None:
        return None
    if manifest_of(now)["fingerprint"] == fingerprint:
        return f"Nothing new: {now.name} has these inputs already."
    if view is not None:
        return None
    events = read_events(paths.ledger)
    for name in withdrawn(events):
        if published(events)[name]["fingerprint"] == fingerprint:
            return (
                f"Nothing new: these inputs were published as {name}, which was rolled back to {now.name}. "
                f"Change an input to publish anew, or roll back to {name} by its name to have it again."
            )
    return None


def view_of(paths: Paths, as_of_on: date | None, known_on: date | None, is_trial: bool = False) -> str | None:
    """The name of the look back that was asked for: known on a day, or as of an earlier day than the last
    publication; or of the trial of what would be restated. Null where it is none, and its outcome is for all readers."""
    if is_trial:
        return TRIAL
    last = list(published(read_events(paths.ledger)).values())[-1:]
    is_earlier = as_of_on and last and last[0]["as_of_on"] and str(as_of_on) < last[0]["as_of_on"]
    return view_name(as_of_on, known_on) if known_on or is_earlier else None


def roll_back(paths: Paths, rolled_back_at: datetime, publication_id: str | None = None) -> Publication:
    """Give readers the publication before the current one, or the one named.

    The log hears of it first, so that the next run knows it was meant. UserError where there is no such
    publication.
    """
    recover(paths)
    shelf = Shelf(paths.published)
    now = shelf.linked()
    kept = in_order(paths)
    if publication_id is None:
        earlier = kept[: kept.index(now)] if now in kept else []
        if not earlier:
            raise UserError(
                "There is no earlier publication to roll back to."
                if now
                else f"Nothing is published in {paths.published} yet, so there is nothing to roll back."
            )
        chosen = earlier[-1]
    else:
        named = [folder for folder in kept if folder.name == publication_id]
        if not named:
            raise UserError(
                f"There is no publication {publication_id}; kept are "
                f"{', '.join(folder.name for folder in reversed(kept)) or 'none'}."
            )
        chosen = named[0]
    if chosen != now:
        event = {
            "event": "rolled_back",
            "publication_id": chosen.name,
            "instead_of": now.name if now else None,
            "rolled_back_at": rolled_back_at.isoformat(timespec="seconds"),
        }
        append_event(paths.ledger, event)
        shelf.point_to(chosen)
    return Publication(chosen.name, chosen, manifest_of(chosen), is_new=chosen != now)


def prune(paths: Paths) -> None:
    """Keep the last ten publications, and of the views those that a link points to."""
    shelf = Shelf(paths.published)
    for publication in in_order(paths)[:-KEPT]:
        if publication != shelf.linked():
            shelf.discard(publication)
    views = Shelf(paths.published / "views")
    looked_for = {link.resolve() for link in views.folder.glob("*") if link.is_symlink()}
    for publication in views.publications():
        if publication not in looked_for:
            views.discard(publication)


def in_order(paths: Paths) -> list[Path]:
    """The publications that are kept, in the order they were last published."""
    order = order_of(read_events(paths.ledger))
    return sorted(Shelf(paths.published).publications(), key=lambda folder: order[folder.name])


def shelf_of(paths: Paths, view: str | None) -> Shelf:
    """Where a publication goes: with the others behind `current`, or to the views behind a link of that name."""
    return Shelf(paths.published / "views", view) if view else Shelf(paths.published)
