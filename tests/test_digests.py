"""A file that nobody touched is not read again; one that anybody touched is, whatever its size and time say."""

import os
import zipfile
from pathlib import Path

import pytest

from dagster_project.exports import digests
from dagster_project.exports.files import Source
from tests.landing_helpers import OLD, Company, subscriptions

FILE = "plain/subscriptions.csv"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files whose bytes are read for their digest, where every file has rested long enough."""
    monkeypatch.setattr(digests, "RESTED", -1.0)
    names, digest = [], Source.digest

    def told(source: Source) -> str:
        names.append(source.file)
        return digest(source)

    monkeypatch.setattr(Source, "digest", told)
    return names


def test_a_file_that_nobody_touched_is_not_read_again(tmp_path: Path, read: list[str]) -> None:
    company = Company(tmp_path)
    company.land_one(FILE, subscriptions(3))
    company.write("plain/later/subscriptions.csv", subscriptions(4))
    with zipfile.ZipFile(company.write("plain/both.zip", b""), "w") as archive:
        archive.writestr("a.csv", subscriptions(5))
        archive.writestr("b.csv", subscriptions(6))
    company.land()
    every = [FILE, "plain/both.zip/a.csv", "plain/both.zip/b.csv", "plain/later/subscriptions.csv"]
    assert sorted(read) == sorted(every)  # several are read at once
    assert [file.is_new for file in company.land().files] == [False] * 4
    assert len(read) == 4


def test_other_bytes_of_the_same_size_and_time_are_read(tmp_path: Path, read: list[str]) -> None:
    """In place, so that even the inode is the same."""
    company = Company(tmp_path)
    company.land_one(FILE, subscriptions(3, amount="10.00"))
    path = company.paths.exports / FILE
    inode = path.stat().st_ino
    path.write_bytes(subscriptions(3, amount="20.00").encode())
    os.utime(path, (OLD, OLD))
    assert path.stat().st_ino == inode
    assert company.land().files[0].is_new
    assert company.rows("plain", "subscriptions", "distinct amount", "amount") == [("10.00",), ("20.00",)]


def test_a_file_under_another_name_is_read(tmp_path: Path, read: list[str]) -> None:
    company = Company(tmp_path)
    company.land_one(FILE, subscriptions(3))
    (company.paths.exports / FILE).rename(company.paths.exports / "plain/renamed.csv")
    assert not company.land().files[0].is_new
    assert read == [FILE, "plain/renamed.csv"]


def test_a_file_written_just_now_is_read_once_more(
    tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another write may bear the same time."""
    monkeypatch.setattr(digests, "RESTED", 3600.0)
    company = Company(tmp_path)
    company.land_one(FILE, subscriptions(3))
    company.land()
    assert read == [FILE, FILE]


@pytest.mark.parametrize("broken", ["", "{", '{"a": "b"}', "[]", "null", '"a"'])
def test_what_is_remembered_may_be_lost(tmp_path: Path, read: list[str], broken: str) -> None:
    company = Company(tmp_path)
    company.land_one(FILE, subscriptions(3))
    (company.paths.home / "inputs" / "run" / "digests.json").write_text(broken)
    assert not company.land().files[0].is_new
    assert read == [FILE, FILE]
