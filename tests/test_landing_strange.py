"""Exports that could pass for others, and names and values that could be taken for something else."""

import io
import json
import struct
import zipfile
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dagster_project.exports.typed import type_batches
from tests.landing_helpers import CONTRACTS, SUBSCRIPTIONS, Company, subscriptions


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def typed(company: Company, vendor: str, object_: str) -> list[dict]:
    type_batches(company.paths, CONTRACTS)
    files = sorted(company.paths.typed(vendor, object_).glob("*.parquet"))
    rows = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
    return sorted(rows, key=lambda row: (row["_file"], row["_record"]))


# Names of files and folders


@pytest.mark.parametrize("name", ["s[1].csv", "s*.csv", "s?.csv"])
def test_a_files_name_is_no_pattern(company: Company, name: str) -> None:
    company.write("plain/s1.csv", subscriptions(1))
    company.write(f"plain/{name}", subscriptions(1, first=7))
    company.land()
    landed = company.rows("plain", "subscriptions", "subscription_ref", "subscription_ref")
    assert landed == [("s1",), ("s7",)]


def test_a_folders_name_is_no_pattern(tmp_path: Path) -> None:
    one, other = (Company(tmp_path / name) for name in ("a1b", "a[1]b"))
    for number, company in enumerate((one, other), 1):
        company.land_one("plain/s.csv", subscriptions(1, first=number))
    refs = [
        [row["subscription_ref"] for row in typed(company, "plain", "subscriptions")]
        for company in (one, other)
    ]
    assert refs == [["s1"], ["s2"]]


@pytest.mark.parametrize("folder", ["currency=XXX", "amount=5", "c0=9", "_record=7"])
@pytest.mark.parametrize(
    "text", [subscriptions(2), subscriptions(2) + "short,row\n"]
)  # as it is, and looked at twice
def test_a_folders_name_is_no_column(tmp_path: Path, folder: str, text: str) -> None:
    company = Company(tmp_path / folder)
    assert company.land_one(f"plain/{folder}/s.csv", text).rows_landed == 2
    rows = typed(company, "plain", "subscriptions")
    assert [(row["subscription_ref"], row["currency"], row["amount"], row["_record"]) for row in rows] == [
        ("s1", "EUR", 10, 1),
        ("s2", "EUR", 10, 2),
    ]


# What is not read and looks like what is


@pytest.mark.parametrize(
    ("file", "header", "row", "why"),
    [
        (
            "salesforce/User.csv",
            "Id,Username,FirstName,LastName,Email,AccountId,ProfileId",
            "005A0,a@own.example,Ann,Ash,a@own.example,,00e1",
            "salesforce contacts, whose ids begin with 003, and its first begins with 005",
        ),
        (
            "salesforce/User.json",
            None,
            json.dumps([{"Id": "005A0", "FirstName": "Ann", "LastName": "Ash", "Email": "a@own.example", "AccountId": "001A0"}]),
            "salesforce contacts, whose ids begin with 003, and its first begins with 005",
        ),
        (
            "salesforce/Order.csv",
            "Id,Name,AccountId,BillingCountry,Type,CreatedDate",
            "801A0,O-1,001A0,CL,New,2026-01-01T00:00:00.000Z",
            "salesforce accounts, whose ids begin with 001, and its first begins with 801",
        ),
        (
            "hubspot/products.csv",
            "Record ID,Name,Unit price,Create Date",
            "77,Gold plan,10,2026-01-01 10:00",
            "hubspot companies, which never have a column 'Unit price'",
        ),
        (
            "hubspot/line_item.json",
            None,
            json.dumps({"id": 7, "property_name": "Gold", "property_quantity": 2, "property_createdate": 1767312000000}),
            "hubspot companies, which never have a column 'property_quantity'",
        ),
        (
            "stripe/dispute.csv",
            "id,charge_id,amount,currency,reason,status,created,is_charge_refundable",
            "dp_1,ch_1,100,usd,fraudulent,lost,2026-01-01 10:00:00,false",
            "stripe refunds, which never have a column 'is_charge_refundable'",
        ),
    ],
)  # fmt: skip
def test_what_is_not_read_does_not_pass_for_what_is(company, file, header, row, why) -> None:
    outcome = company.land_one(file, f"{header}\n{row}\n" if header else row)
    assert outcome.status == "refused" and why in outcome.reason, outcome.reason
    assert "it is an export of something else, which is not read; leave it out" in outcome.reason


def test_a_page_of_an_interface_is_read_and_one_that_fits_nothing_is_told(company: Company) -> None:
    page = {"tickets": [{"id": 1, "subject": "A", "status": "open", "requester_id": 5, "created_at": "2026-01-01T10:00:00Z",
                         "updated_at": "2026-01-01T10:00:00Z"}], "count": 1, "end_of_stream": True}  # fmt: skip
    assert company.land_one("zendesk/page.json", json.dumps(page)).object == "tickets"
    outcome = company.land_one("plain/x.json", '{"foo": 1}')
    assert "no name was found that fits a plain object (" in outcome.reason


# Header rows that somebody took out


IDS = '"{""ImportId"":""startDate"",""timeZone"":""%s""}",b,c,d,e,f,g'
RESPONSES = (
    "StartDate,EndDate,Status,Progress,Finished,RecordedDate,ResponseId\n",
    "Start Date,End Date,Response Type,Progress,Finished,Recorded Date,Response ID\n",
    IDS % "America/Denver" + "\n",
    *(
        f"2026-01-31 20:0{n}:00,2026-01-31 20:0{n}:00,0,100,1,2026-01-31 20:0{n}:05,R_{n}\n"
        for n in (1, 2, 3)
    ),
)


@pytest.mark.parametrize("left", [(0, 1, 2), (0, 1), (0, 2), (0,)])
def test_no_response_is_taken_for_a_header_row(company: Company, left: tuple[int, ...]) -> None:
    outcome = company.land_one("qualtrics/nps.csv", "".join(RESPONSES[row] for row in (*left, 3, 4, 5)))
    assert (outcome.rows_in_file, outcome.rows_landed) == (3, 3)


@pytest.mark.parametrize("zone", ["Z", "UTC"])
def test_z_is_utc(company: Company, zone: str) -> None:
    company.land_one("qualtrics/nps.csv", "".join((*RESPONSES[:2], IDS % zone + "\n", *RESPONSES[3:])))
    assert typed(company, "qualtrics", "responses")[0]["recorded_date"] == datetime(2026, 1, 31, 20, 1, 5)


def test_a_time_zone_that_nobody_knows_is_refused_with_its_line(company: Company) -> None:
    text = "".join((*RESPONSES[:2], IDS % "Mars/Olympus" + "\n", *RESPONSES[3:]))
    outcome = company.land_one("qualtrics/nps.csv", text)
    assert outcome.status == "refused"
    assert "line 3 names the time zone 'Mars/Olympus', which is not known" in outcome.reason


def test_two_headers_of_one_name_in_other_letters_are_one_too_many(company: Company) -> None:
    row = "s1,c1,2026-01-01,,1.00,EUR,month,,99.00"
    assert "twice" in company.land_one("plain/s.csv", f"{SUBSCRIPTIONS},Amount\n{row}\n").reason


# Zip files


def zipped(method: int = zipfile.ZIP_STORED, name: str = "s.csv") -> bytearray:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        archive.writestr(name, subscriptions(500))
    return bytearray(data.getvalue())


def with_name_in_broken_utf8() -> bytes:
    data = zipped(name="é.csv")  # for which the zip says that names are UTF-8
    return bytes(data.replace("é".encode(), b"\xff\xff"))


def made_by_version(number: int) -> bytes:
    data = zipped()
    at = data.index(b"PK\x01\x02") + 6  # in the directory: version needed to extract
    data[at : at + 2] = struct.pack("<H", number)
    return bytes(data)


def packed_by(method: int) -> bytes:
    data = zipped()
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.index(mark) + offset
        data[at : at + 2] = struct.pack("<H", method)
    return bytes(data)


def damaged(method: int) -> bytes:
    data = zipped(method)
    at = data.index(b"s.csv") + 40
    data[at : at + 60] = bytes(60)
    return bytes(data)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (with_name_in_broken_utf8(), "the zip file is damaged or cut off"),
        (made_by_version(99), "the zip file is damaged or cut off"),
        (damaged(zipfile.ZIP_BZIP2), "the compressed file is damaged or cut off"),
        (damaged(zipfile.ZIP_LZMA), "the compressed file is damaged or cut off"),
        (packed_by(9), "make it anew with the usual method (Deflate), or unpack it here"),
    ],
    ids=["name", "version", "bzip2", "lzma", "deflate64"],
)
def test_an_odd_zip_is_refused_and_the_others_land(company: Company, content: bytes, why: str) -> None:
    company.write("plain/good.csv", subscriptions(1))
    company.write("plain/odd.zip", content)
    company.land()
    (reason,) = [reason for (reason,) in company.log("reason") if reason]
    assert why in reason
    assert company.rows("plain", "subscriptions", "subscription_ref") == [("s1",)]


def test_a_zip_under_another_name_is_told_its_own(company: Company) -> None:
    assert "let its name end in .zip" in company.land_one("plain/s.csv", bytes(zipped())).reason


# When it was extracted


def test_the_date_in_a_zips_name_counts_for_members_without_one(company: Company) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("s.csv", subscriptions(1))
        archive.writestr("t_2026-02-28.csv", subscriptions(1, first=2))
    company.write("plain/export_2026-03-31.zip", data.getvalue())
    company.land()
    assert company.log("extracted_at") == [(datetime(2026, 3, 31),), (datetime(2026, 2, 28),)]


def test_thousandths_of_seconds_are_a_stamp(company: Company) -> None:
    record = {
        "id": 7,
        "property_name": "Acme",
        "property_domain": "acme.example",
        "property_hs_lastmodifieddate": 1767312000000,
    }
    company.land_one("hubspot/company.json", json.dumps(record))
    assert company.log("extracted_at") == [(datetime(2026, 1, 2),)]


# Values


@pytest.mark.parametrize("day", ["infinity", "-infinity"])
def test_no_day_is_infinite(company: Company, day: str) -> None:
    company.land_one("plain/s.csv", f"{SUBSCRIPTIONS}\ns1,c1,2026-01-01,{day},1.00,EUR,month,\n")
    (row,) = typed(company, "plain", "subscriptions")
    assert row["_refusal"] == "ends_on: not a date like 2026-01-31" and row["ends_on"] is None


@pytest.mark.parametrize(
    ("moment", "is_good"),
    [("10:00:00+14:00", True), ("10:00:00+99:99", False), ("10:00:00+14:60", False), ("24:00:00", False)],
)
def test_a_time_of_no_clock_is_refused(company: Company, moment: str, is_good: bool) -> None:
    text = f"ticket_ref,customer_ref,opened_at\nt1,c1,2026-01-01T{moment}\n"
    company.land_one("plain/t.csv", text)
    (row,) = typed(company, "plain", "tickets")
    assert (row["_refusal"] is None) == is_good == (row["opened_at"] is not None)


@pytest.mark.parametrize(
    ("key", "is_good"), [("1.14E+11", False), ("1,14E+11", False), ("E+1", True), ("114E11", True)]
)
def test_a_key_that_a_spreadsheet_has_rounded_is_refused(company: Company, key: str, is_good: bool) -> None:
    company.land_one("plain/c.csv", f'customer_ref,name\n"{key}",Ann\n')
    (row,) = typed(company, "plain", "customers")
    why = "customer_ref: a number that a spreadsheet has rounded; format its column as text before saving"
    assert row["_refusal"] == (None if is_good else why)


def test_what_a_killed_run_left_of_typing_is_swept(company: Company) -> None:
    left = company.paths.home / ".typing_left" / "x.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    type_batches(company.paths, CONTRACTS)
    assert not left.parent.exists()
