"""Killed with SIGKILL at any step of publishing and run again, the outcome is that of a run never killed."""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dagster_project.identity.memory import registry_file, remembered
from dagster_project.paths import Paths
from dagster_project.publication import publish, publishing, recover, roll_back
from dagster_project.publication.log import read_events
from dagster_project.publication.shelf import Shelf, manifest_of
from tests.publication_warehouse import (
    NOW,
    make_edition,
    make_paths,
    make_small_warehouse,
    no_audit,
    query,
)

A, B = ("a" * 64, "b" * 64)
OLD, NEW = ("2026-10-31-aaaaaaaaaa", "2026-10-31-bbbbbbbbbb")

# A server that has all of this imported and no database open: each child is a quick fork of it.
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload([__name__])


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_before(owner: object, name: str, concerns: Callable[..., bool] = lambda *_: True) -> None:
    """Let this process die when it is about to call a function (with arguments that concern us)."""
    call = getattr(owner, name)
    setattr(owner, name, lambda *given, **named: die() if concerns(*given) else call(*given, **named))


def die_after(owner: object, name: str, concerns: Callable[..., bool] = lambda *_: True) -> None:
    """Let this process die when a function has just returned."""
    call = getattr(owner, name)

    def and_die(*given: object, **named: object) -> object:
        result = call(*given, **named)
        if concerns(*given):
            die()
        return result

    setattr(owner, name, and_die)


def is_new(_: object, target: object) -> bool:
    return Path(str(target)).name == NEW


def cut_off_line(ledger: Path, event: dict) -> None:
    """Write half a line of the log, and die."""
    with open(ledger / "publications.jsonl", "ab") as file:
        file.write(b'{"format": 1, "event": "publis')
    die()


STEPS: dict[str, Callable[[], None]] = {
    "with an empty draft": lambda: die_before(publishing, "open_draft"),
    "with tables copied": lambda: die_after(publishing, "copy_tables"),
    "with files half written": lambda: die_after(Path, "mkdir", lambda path, *_: path.parent.name == "csv"),
    "in the audit": lambda: setattr(publishing, "make_manifest", die),
    "with the draft written but not yet on the disk": lambda: die_before(publishing, "sync_tree"),
    "before the rename": lambda: die_before(os, "rename", is_new),
    "after the rename": lambda: die_after(os, "rename", is_new),
    "before the link is replaced": lambda: die_before(os, "replace"),
    "after the link is replaced": lambda: die_after(os, "replace"),
    "within the line of the log": lambda: setattr(publishing, "append_event", cut_off_line),
    "after the line of the log": lambda: die_after(publishing, "append_event"),
    "with the ids written aside": lambda: die_before(
        os, "replace", lambda _, target: Path(target).name == "registry.parquet"
    ),
    "with an old publication out of sight": lambda: die_before(
        shutil, "rmtree", lambda path: ".old" in str(path)
    ),
}


def publish_and_die(step: str, home: Path) -> None:
    STEPS[step]()
    publishing.KEPT = 1
    publish(make_paths(home.parent), make_edition(B), audit=no_audit)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one publication, and a warehouse that has changed since: values, and one record more."""
    paths = make_paths(tmp_path_factory.mktemp("before"))
    make_small_warehouse(paths, "core.identity_map")
    publish(paths, make_edition(A), audit=no_audit)
    with duckdb.connect(paths.warehouse) as connection:
        connection.execute("""
            update customer_assets.value_movement set mrr_value = mrr_value + 1;
            insert into core.identity_map values
                ('plain', 'plain', 'customers', 'dora', 'dora', 'own', 1, null, null)
        """)
    return paths.home


def copy_of(home: Path, folder: Path) -> Paths:
    shutil.copytree(home, folder / "home", symlinks=True)
    return make_paths(folder)


def ids(paths: Paths) -> list[tuple]:
    """What the ledger remembers of each record."""
    return duckdb.sql(f"from '{registry_file(paths.ledger)}' order by all").fetchall()


@pytest.fixture(scope="module")
def never_killed(before: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, list[tuple]]:
    paths = copy_of(before, tmp_path_factory.mktemp("never_killed"))
    manifest = publish(paths, make_edition(B), audit=no_audit).manifest
    assert len(ids(paths)) == 4
    return dict(manifest), ids(paths)


@pytest.mark.parametrize("step", STEPS)
def test_killed_and_run_again(
    step: str, before: Path, never_killed: tuple[dict, list[tuple]], tmp_path: Path
) -> None:
    paths = copy_of(before, tmp_path)
    child = CHILDREN.Process(target=publish_and_die, args=(step, paths.home))
    child.start()
    child.join(timeout=60)
    assert child.exitcode == -signal.SIGKILL

    # Readers have one whole publication all along.
    seen = query(
        paths.current / "one_company.duckdb",
        "select distinct publication_id from customer_assets.value_movement",
    )
    assert seen in ([(OLD,)], [(NEW,)])

    publish(paths, make_edition(B), audit=no_audit)
    assert (manifest_of(paths.current), ids(paths)) == never_killed
    assert remembered(paths.ledger) == NEW
    assert os.readlink(paths.current) == NEW
    assert [event["publication_id"] for event in read_events(paths.ledger)] == [OLD, NEW]
    assert [path.name for path in paths.published.iterdir() if path.name.startswith(".")] == []


def test_ids_that_are_remembered_are_not_written_again(before: Path, tmp_path: Path) -> None:
    paths = copy_of(before, tmp_path)
    was = registry_file(paths.ledger).stat()
    recover(paths)
    now = registry_file(paths.ledger).stat()
    assert (now.st_ino, now.st_mtime_ns) == (was.st_ino, was.st_mtime_ns)


def roll_back_and_die(home: Path) -> None:
    die_before(Shelf, "point_to")
    roll_back(Paths(exports=home, reference=home, home=home), NOW)


def test_a_roll_back_that_is_killed_can_be_done_again(before: Path, tmp_path: Path) -> None:
    paths = copy_of(before, tmp_path)
    publish(paths, make_edition(B), audit=no_audit)
    child = CHILDREN.Process(target=roll_back_and_die, args=(paths.home,))
    child.start()
    child.join(timeout=60)
    assert child.exitcode == -signal.SIGKILL
    assert os.readlink(paths.current) == NEW
    assert roll_back(paths, NOW).publication_id == OLD
    assert os.readlink(paths.current) == OLD
