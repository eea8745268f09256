"""Which publication there is, and which one readers get: once, in order, back, and after a mishap."""

import errno
import json
import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import UserError
from dagster_project.paths import Paths
from dagster_project.publication import (
    Publication,
    nothing_new,
    publish,
    publishing,
    recover,
    roll_back,
    view_of,
)
from dagster_project.publication.log import read_events
from tests.publication_warehouse import (
    AS_OF,
    NOW,
    make_edition,
    make_paths,
    make_small_warehouse,
    no_audit,
    query,
)

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = make_paths(tmp_path)
    make_small_warehouse(made)
    return made


def publish_(paths: Paths, inputs: str = A, **changes: object) -> Publication:
    return publish(paths, make_edition(inputs, **changes), audit=no_audit)


def is_published(paths: Paths, inputs: str, view: object = None) -> bool:
    """Whether a run over these inputs is spared."""
    return nothing_new(paths, inputs, view) is not None


def current(paths: Paths) -> str:
    return os.readlink(paths.current)


class TestNothingNew:
    def test_the_same_inputs_are_published_once(self, paths: Paths) -> None:
        assert not is_published(paths, A)
        first = publish_(paths)
        inode = first.folder.stat().st_ino
        assert first.is_new and is_published(paths, A) and not is_published(paths, B)
        again = publish_(paths)
        assert not again.is_new and again.folder.stat().st_ino == inode
        assert len(read_events(paths.ledger)) == 1

    def test_a_publication_deleted_by_hand_is_made_again(self, paths: Paths) -> None:
        first = publish_(paths)
        for file in sorted(first.folder.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        first.folder.rmdir()
        assert not is_published(paths, A)
        assert publish_(paths).manifest["tables"] == first.manifest["tables"]
        assert query(
            paths.current / "one_company.duckdb", "select count(*) from governance.publications"
        ) == [(1,)]


class TestWhichOneReadersGet:
    def test_the_link_is_relative_so_the_home_can_be_moved(self, paths: Paths, tmp_path: Path) -> None:
        publish_(paths)
        assert current(paths) == "2026-10-31-aaaaaaaaaa"
        moved = paths.home.rename(tmp_path / "elsewhere")
        assert (moved / "published/current/one_company.duckdb").exists()

    def test_the_last_ten_are_kept(self) -> None:
        assert publishing.KEPT == 10

    def test_older_ones_go_when_a_new_one_has_come(
        self, paths: Paths, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(publishing, "KEPT", 2)
        for inputs in (A, B, C):
            publish_(paths, inputs)
        kept = {folder.name for folder in paths.published.iterdir() if not folder.is_symlink()}
        assert kept == {"2026-10-31-bbbbbbbbbb", "2026-10-31-cccccccccc"}
        assert current(paths) == "2026-10-31-cccccccccc"

    def test_publications_lists_the_earlier_ones_and_itself(self, paths: Paths) -> None:
        publish_(paths, A)
        publish_(paths, B, as_of_on=date(2026, 11, 30))
        rows = query(paths.current / "one_company.duckdb", "from governance.publications order by 1")
        assert rows == [
            (1, "2026-10-31-aaaaaaaaaa", date(2026, 10, 31), None, "0.1.0", A, 2),
            (2, "2026-11-30-bbbbbbbbbb", date(2026, 11, 30), None, "0.1.0", B, 2),
        ]

    def test_roll_back_gives_the_one_before_and_then_the_one_before_that(self, paths: Paths) -> None:
        for inputs in (A, B, C):
            publish_(paths, inputs)
        assert roll_back(paths, NOW).publication_id == "2026-10-31-bbbbbbbbbb"
        assert roll_back(paths, NOW).publication_id == "2026-10-31-aaaaaaaaaa"
        assert current(paths) == "2026-10-31-aaaaaaaaaa"
        with pytest.raises(UserError, match="no earlier publication"):
            roll_back(paths, NOW)

    def test_roll_back_gives_the_one_named(self, paths: Paths) -> None:
        for inputs in (A, B, C):
            publish_(paths, inputs)
        roll_back(paths, NOW, "2026-10-31-aaaaaaaaaa")
        assert current(paths) == "2026-10-31-aaaaaaaaaa"
        with pytest.raises(
            UserError, match="no publication 2026-10-31-dddddddddd; kept are 2026-10-31-cccccccccc,"
        ):
            roll_back(paths, NOW, "2026-10-31-dddddddddd")

    def test_with_nothing_published_roll_back_says_so(self, paths: Paths) -> None:
        with pytest.raises(UserError, match="Nothing is published"):
            roll_back(paths, NOW)

    def test_a_run_over_unchanged_inputs_does_not_undo_a_roll_back(self, paths: Paths) -> None:
        for inputs in (A, B, C):
            publish_(paths, inputs)
        roll_back(paths, NOW)
        roll_back(paths, NOW)
        assert "rolled back to 2026-10-31-aaaaaaaaaa" in nothing_new(paths, C)
        assert is_published(paths, B)
        recover(paths)
        assert current(paths) == "2026-10-31-aaaaaaaaaa"

    def test_a_roll_back_ends_with_new_inputs_or_by_name(self, paths: Paths) -> None:
        publish_(paths, A)
        publish_(paths, B)
        roll_back(paths, NOW)
        assert not is_published(paths, C)
        roll_back(paths, NOW, "2026-10-31-bbbbbbbbbb")
        assert current(paths) == "2026-10-31-bbbbbbbbbb"
        roll_back(paths, NOW)
        publish_(paths, C)
        assert current(paths) == "2026-10-31-cccccccccc"
        assert not is_published(paths, B)  # the decision was about the state before C

    def test_inputs_that_return_are_published_again(self, paths: Paths) -> None:
        publish_(paths, A)
        publish_(paths, B)
        again = publish_(paths, A)
        assert again.is_new and current(paths) == "2026-10-31-aaaaaaaaaa"
        assert roll_back(paths, NOW).publication_id == "2026-10-31-bbbbbbbbbb"


class TestWhatLiesBesideThem:
    def test_a_copy_of_a_publication_is_none(self, paths: Paths) -> None:
        first = publish_(paths, A)
        publish_(paths, B)
        copy = paths.published / "my_copy"
        shutil.copytree(first.folder, copy)
        (copy / "manifest.json").write_text(
            (copy / "manifest.json").read_text().replace("2026-11-01T", "2030-01-01T")
        )
        (paths.published / "notes").mkdir()
        (paths.published / "notes" / "manifest.json").write_text("[1]")
        recover(paths)
        assert current(paths) == "2026-10-31-bbbbbbbbbb" and len(read_events(paths.ledger)) == 2
        assert roll_back(paths, NOW).publication_id == "2026-10-31-aaaaaaaaaa"
        publish_(paths, C)
        assert copy.exists()

    def test_a_publication_of_a_later_format_is_not_touched(self, paths: Paths) -> None:
        later = publish_(paths, A).folder
        manifest = later / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 2'))
        for doing in (lambda: publish_(paths, B), lambda: roll_back(paths, NOW), lambda: recover(paths)):
            with pytest.raises(UserError, match=r"2026-10-31-aaaaaaaaaa/manifest.json has format 2"):
                doing()
        assert current(paths) == later.name and manifest.exists()


class TestLookingBack:
    def test_a_view_touches_neither_current_nor_the_ledger(self, paths: Paths) -> None:
        publish_(paths, A)
        ledger = (paths.ledger / "publications.jsonl").read_bytes()
        done = publish_(paths, B, as_of_on=date(2026, 9, 30), view="2026-09-30")
        view = paths.published / "views" / "2026-09-30"
        assert view.resolve() == done.folder and (view / "one_company.duckdb").exists()
        assert current(paths) == "2026-10-31-aaaaaaaaaa"
        assert (paths.ledger / "publications.jsonl").read_bytes() == ledger
        assert is_published(paths, B, "2026-09-30") and not is_published(paths, B)

    def test_a_view_made_anew_replaces_the_one_of_its_days(self, paths: Paths) -> None:
        for inputs in (B, C):
            publish_(paths, inputs, as_of_on=date(2026, 9, 30), view="2026-09-30")
        publish_(paths, C, known_on=date(2026, 10, 2), view="known-2026-10-02")
        found = sorted(path.name for path in (paths.published / "views").iterdir())
        assert found == [
            "2026-09-30", "2026-09-30-cccccccccc", "2026-10-31-cccccccccc", "known-2026-10-02",
        ]  # fmt: skip

    def test_an_earlier_day_than_the_last_publications_is_a_look_back(self, paths: Paths) -> None:
        assert view_of(paths, date(2020, 1, 1), None) is None
        publish_(paths)
        assert view_of(paths, AS_OF - timedelta(days=1), None) == "2026-10-30"
        assert view_of(paths, AS_OF, None) is None
        assert view_of(paths, None, None) is None
        assert view_of(paths, None, AS_OF) == "known-2026-10-31"
        assert view_of(paths, AS_OF, AS_OF) == "2026-10-31-known-2026-10-31"


class TestTheLog:
    def test_a_line_cut_off_by_a_crash_is_overlooked_and_then_overwritten(self, paths: Paths) -> None:
        publish_(paths, A)
        file = paths.ledger / "publications.jsonl"
        file.write_bytes(file.read_bytes() + b'{"format": 1, "event": "publ')
        assert [event["fingerprint"] for event in read_events(paths.ledger)] == [A]
        publish_(paths, B)
        assert [json.loads(line)["fingerprint"] for line in file.read_text().splitlines()] == [A, B]

    def test_a_broken_line_further_up_is_named(self, paths: Paths) -> None:
        publish_(paths, A)
        file = paths.ledger / "publications.jsonl"
        file.write_bytes(b"oops\n" + file.read_bytes())
        with pytest.raises(UserError, match="Line 1 of .*publications.jsonl cannot be read"):
            publish_(paths, B)

    def test_a_log_of_a_later_version_is_left_alone(self, paths: Paths) -> None:
        paths.ledger.mkdir(parents=True)
        (paths.ledger / "publications.jsonl").write_text('{"format": 2}\n')
        with pytest.raises(UserError, match="has format 2"):
            publish_(paths)

    def test_a_lost_log_is_written_anew_and_readers_keep_what_they_have(self, paths: Paths) -> None:
        publish_(paths, A, published_at=NOW)
        publish_(paths, B, published_at=NOW + timedelta(days=1))
        roll_back(paths, NOW)
        (paths.ledger / "publications.jsonl").unlink()
        recover(paths)
        assert [event["fingerprint"] for event in read_events(paths.ledger)] == [A, B]
        assert current(paths) == "2026-10-31-aaaaaaaaaa"


class TestAFullDisk:
    def test_is_said_plainly_and_readers_keep_what_they_have(
        self, paths: Paths, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish_(paths, A)

        def no_space(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", no_space)
            with pytest.raises(UserError, match="disk that holds .*published is full"):
                publish_(paths, B)
        assert current(paths) == "2026-10-31-aaaaaaaaaa"
        assert not list(paths.published.glob(".draft-*"))

    def test_is_recognised_in_what_duckdb_says(self, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
        if not Path("/dev/full").exists():
            pytest.skip("only Linux has /dev/full")

        def write_to_a_full_device(connection: duckdb.DuckDBPyConnection, *_: object) -> None:
            connection.execute("copy (from range(10)) to '/dev/full' (format parquet)")

        monkeypatch.setattr("dagster_project.publication.publishing.write_files", write_to_a_full_device)
        with pytest.raises(UserError, match="is full"):
            publish_(paths)
        assert not list(paths.published.iterdir())
