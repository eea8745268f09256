"""Which files of the exports folder are taken, and that each of the others is told of."""

import gzip
import io
import os
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from dagster_project.arrivals import listing
from dagster_project.exports import walk as walking
from dagster_project.exports.walk import walk
from tests.landing_helpers import Company, subscriptions

CUSTOMERS = "customer_ref\nc1\n"


@pytest.fixture
def company(tmp_path):
    return Company(tmp_path)


def zipped(*members: tuple[str, str | bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


def reasons(company: Company) -> dict[str, str | None]:
    return dict(company.log("file, reason"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_a_zip_with_one_name_are_both_read(company):
    company.write("plain/x.zip", zipped(("s.csv", subscriptions(2)), ("s.csv", subscriptions(3, first=3))))
    company.land()
    assert company.log("file, rows_landed") == [("plain/x.zip/s.csv", 2), ("plain/x.zip/s.csv (2)", 3)]
    assert company.land().new == []


def test_members_of_a_zip_that_are_no_exports_are_refused(company):
    inner = zipped(("c.csv", CUSTOMERS))
    others = [(f"Attachments/{number}", b"x") for number in range(3)] + [("a.jpg", b"x")]
    hidden = [("__MACOSX/._c.csv", b"x"), ("notes.pdf", b"x")]
    company.write(
        "plain/x.zip", zipped(("c.csv", CUSTOMERS), ("p.xlsx", b"PK"), ("in.zip", inner), *others, *hidden)
    )
    company.land()
    found = reasons(company)
    assert set(found) == {f"plain/x.zip/{name}" for name in ("c.csv", "p.xlsx", "in.zip", "…")}
    assert "spreadsheet" in found["plain/x.zip/p.xlsx"] and "unpack" in found["plain/x.zip/in.zip"]
    assert "4 of its files" in found["plain/x.zip/…"] and "(.jpg, no suffix)" in found["plain/x.zip/…"]
    assert found["plain/x.zip/c.csv"] is None


def test_what_lies_outside_the_vendors_folders_is_refused_while_it_is_there(company):
    company.write("top.csv", CUSTOMERS)
    company.write("acme/deep/x.csv", CUSTOMERS)
    company.write("acme/y.csv", CUSTOMERS)
    company.write("Stripe/x.csv", CUSTOMERS)
    company.write("README.md", "notes")
    company.write("_old/x.csv", CUSTOMERS)
    (company.paths.exports / "empty").mkdir()
    company.land()
    found = reasons(company)
    assert set(found) == {"top.csv", "acme/", "Stripe/"}
    assert "plain/acme/" in found["acme/"] and "call it 'stripe'" in found["Stripe/"]
    assert "move it" in found["top.csv"]
    assert company.log("vendor, status") == [("Stripe", "refused"), ("acme", "refused"), ("", "refused")]

    assert company.land().new == []
    (company.paths.exports / "acme").rename(company.paths.exports / "plain")
    (company.paths.exports / "top.csv").unlink()
    company.land()
    assert set(reasons(company)) == {"Stripe/", "plain/deep/x.csv", "plain/y.csv"}


def test_links_are_followed_and_those_that_lead_nowhere_or_back_are_refused(company, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "c.csv").write_text(CUSTOMERS)
    (elsewhere / "again").symlink_to(elsewhere)
    os.utime(elsewhere / "c.csv", (1_790_000_000, 1_790_000_000))
    plain = company.paths.exports / "plain"
    plain.mkdir()
    (plain / "shop").symlink_to(elsewhere)
    (plain / "loop").symlink_to("loop")
    (plain / "up").symlink_to(company.paths.exports)
    (plain / "dead.csv").symlink_to(tmp_path / "nowhere")
    company.land()
    found = reasons(company)
    assert found.pop("plain/shop/c.csv") is None
    assert {file: reason.split(";")[0] for file, reason in found.items()} == {
        "plain/dead.csv": "Refused: it is a link that leads nowhere",
        "plain/loop": "Refused: it is a link that leads nowhere",
        "plain/up/": "Refused: it is a link back to a folder that it lies in",
        "plain/shop/again/": "Refused: it is a link back to a folder that it lies in",
    }
    before = listing([company.paths.exports])
    (elsewhere / "d.csv").write_text(CUSTOMERS)
    assert listing([company.paths.exports]) != before, "the sensor sees what lies behind a link"


def test_a_folder_that_may_not_be_opened_is_told(tmp_path, monkeypatch):
    def refuse(folder: Path) -> list[str]:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(walking.os, "listdir", refuse)
    assert list(walk(tmp_path)) == [
        (tmp_path, "cannot be opened (Permission denied); see to its permissions")
    ]


def test_a_file_that_may_not_be_read_is_refused_alone(company, monkeypatch):
    company.write("plain/a.csv", subscriptions(2))
    secret = company.write("plain/b.csv", subscriptions(3))
    real_open = Path.open

    def guarded(path: Path, *args, **kwargs):
        if path == secret:
            raise PermissionError(13, "Permission denied", str(path))
        return real_open(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", guarded)
    monkeypatch.setattr("dagster_project.exports.files.os.access", lambda path, mode: path != secret)
    company.land()
    assert company.log("file, status") == [("plain/a.csv", "accepted"), ("plain/b.csv", "refused")]
    assert "permissions" in reasons(company)["plain/b.csv"]


def test_a_name_that_is_no_utf8_is_refused(company):
    folder = os.fsencode(company.paths.exports / "plain")
    os.makedirs(folder)
    with open(folder + b"/caf\xe9.csv", "wb") as file:
        file.write(CUSTOMERS.encode())
    company.land(settle=0)
    assert list(reasons(company)) == ["plain/caf?.csv"] and "rename it" in reasons(company)["plain/caf?.csv"]


def test_an_address_in_a_name_is_hashed_wherever_the_name_goes(company):
    company.write("plain/ann@x.example/subs of bob@y.example 2026-02-01.csv", subscriptions(2) + "short\n")
    company.write("plain/z.zip", zipped(("people/carl@x.example.csv", "no,header\n1,2\n")))
    company.write("plain/eve@x.example.xls", b"x")
    company.write("dora@x.example/x.csv", CUSTOMERS)
    company.land()
    told = str([company.log("*"), company.refused("*"), company.rows("plain", "subscriptions")])
    assert "@" not in told and told.count("hashed:") >= 8
    assert (datetime(2026, 2, 1),) in company.log("extracted_at"), "the date in its name counts"
    assert any("bob@y.example" in line and "hashed:" in line for line in company.said), (
        "so that it can be found"
    )


def test_a_text_file_that_calls_itself_gzip_is_read_as_what_it_is(company):
    assert company.land_one("plain/s.csv.gz", subscriptions(3)).rows_landed == 3
    assert company.land_one("plain/t.csv", gzip.compress(subscriptions(4).encode())).rows_landed == 4
