"""Landing: what is accepted, held and refused, and that nothing gets lost on the way."""

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from dagster_project.exports import expectations
from dagster_project.exports.files import date_in_name
from dagster_project.paths import PROJECT
from tests.landing_helpers import CONTRACTS, SUBSCRIPTIONS, Company, subscriptions

ENVIRONMENT = os.environ | {"PYTHONPATH": str(PROJECT)}
ROW = "s1,c1,2026-01-01,,10.00,EUR,month,"
ONE_OPEN_QUOTE = f'{SUBSCRIPTIONS}\n{ROW}\ns2,"c2,2026-01-01,,1,EUR,month,\n'


@pytest.fixture
def company(tmp_path):
    return Company(tmp_path)


def landed_refs(company):
    return [ref for (ref,) in company.rows("plain", "subscriptions", "subscription_ref")]


# What a landed row looks like


def test_a_row_keeps_its_text_and_says_where_it_is_from(company):
    company.land_one(
        "plain/shop/subs_2026-02-03.csv",
        f"{SUBSCRIPTIONS}\n{ROW}\n" + 's2,c2,2026-01-02,," 1.5 ",EUR,month,"a ""b""\nc"\n',
    )
    columns = (
        "subscription_ref, amount, cancel_reason, interval_count, _system, _file, _record, _extracted_at"
    )
    columns += ", _extra"
    where = ("shop", "plain/shop/subs_2026-02-03.csv")
    assert company.rows("plain", "subscriptions", columns) == [
        ("s1", "10.00", None, None, *where, 1, datetime(2026, 2, 3), None),
        ("s2", " 1.5 ", 'a "b"\nc', None, *where, 2, datetime(2026, 2, 3), None),
    ]


def test_columns_beyond_the_contract_are_kept(company):
    company.land_one("plain/c.csv", "customer_ref,Shoe size,,Shoe size\nc1,44,x,45\n")
    assert company.rows("plain", "customers", "customer_ref, _extra") == [
        ("c1", '{"Shoe size":"44","column 3":"x","Shoe size (4)":"45"}')
    ]


def test_every_contract_is_an_empty_table_before_anything_landed(company):
    company.land()
    for vendor, contracts in CONTRACTS.items():
        for contract in contracts if vendor != "reference" else ():
            assert company.rows(vendor, contract.object) == []
    assert company.log() == [] and company.refused() == []


@pytest.mark.parametrize(
    ("file", "extracted_at"),
    [
        ("subs_2026-03-04.csv", datetime(2026, 3, 4)),
        ("subs-20260304T1015.csv", datetime(2026, 3, 4, 10, 15)),
        ("subs.csv", datetime(2026, 2, 7)),  # the latest start inside; the far future end does not count
    ],
)
def test_extract_time(company, file, extracted_at):
    text = f"{SUBSCRIPTIONS}\ns1,c1,2026-02-07,2031-01-01,1,EUR,month,\ns2,c2,2999-01-01,,1,EUR,month,\n"
    company.land_one(f"plain/{file}", text)
    assert company.log("extracted_at") == [(extracted_at,)]


def test_extract_time_of_a_file_without_any_moment_is_the_files(company):
    path = company.write("plain/customers.csv", "customer_ref\nc1\n")
    os.utime(path, (1_780_000_000, 1_780_000_000))
    company.land()
    assert company.log("extracted_at") == [(datetime.fromtimestamp(1_780_000_000, UTC).replace(tzinfo=None),)]


@pytest.mark.parametrize("file", ["a12345678.csv", "r2026-13-01.csv", "v2026-1.csv", "120261031.csv"])
def test_numbers_that_are_no_dates(file):
    assert date_in_name(file) is None


# Shapes of files


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(subscriptions(3).encode("utf-8-sig"), id="byte order mark"),
        pytest.param(subscriptions(3, end="\r\n").encode(), id="crlf"),
        pytest.param(subscriptions(3, end="\r").encode(), id="cr"),
        pytest.param(subscriptions(3).encode("utf-16"), id="utf-16"),
        pytest.param(subscriptions(3).encode("utf-16-be"), id="utf-16 without mark"),
        pytest.param(subscriptions(3).replace(",", ";").encode(), id="semicolons"),
        pytest.param(subscriptions(3).replace(",", "\t").encode(), id="tabs"),
        pytest.param(gzip.compress(subscriptions(3).encode()), id="gzip under a csv name"),
        pytest.param(("Exported by Ann\n\n" + subscriptions(3)).encode(), id="title above the header"),
        pytest.param(subscriptions(3).replace("\n", "\n\n").encode(), id="blank lines"),
        pytest.param(subscriptions(3).rstrip("\n").encode(), id="no last line end"),
        pytest.param(subscriptions(3).replace("EUR", '"EUR"').encode(), id="quotes"),
        pytest.param(subscriptions(3).replace("\n", "\r\n", 2).encode(), id="mixed line ends"),
        pytest.param(subscriptions(3).replace(SUBSCRIPTIONS, SUBSCRIPTIONS.upper()).encode(), id="capitals"),
    ],
)
def test_shapes_that_land_whole(company, content):
    outcome = company.land_one("plain/subs.csv", content)
    assert (outcome.status, outcome.rows_in_file, outcome.rows_landed, outcome.rows_refused) == (
        "accepted",
        3,
        3,
        0,
    )
    assert landed_refs(company) == ["s1", "s2", "s3"]


def test_a_zip_has_a_batch_per_member(company):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("x/subs.csv", subscriptions(2))
        archive.writestr("people.csv.gz", gzip.compress(b"customer_ref\nc1\n"))
        archive.writestr("__MACOSX/._subs.csv", b"\0\0")
    company.write("plain/all.zip", data.getvalue())
    company.land()
    assert company.log("file, object, rows_landed") == [
        ("plain/all.zip/people.csv.gz", "customers", 1),
        ("plain/all.zip/x/subs.csv", "subscriptions", 2),
    ]


def test_a_case_says_into_which_it_was_merged(company):
    company.land_one(
        "salesforce/Case.csv",
        "Id,MasterRecordId,Status,Origin,CreatedDate\n"
        "500f00000000000AAA,500a00000000000AAA,Closed,Email,2026-01-30T09:00:00.000Z\n",
    )
    assert company.rows("salesforce", "cases", "id, master_record_id") == [
        ("500f00000000000AAA", "500a00000000000AAA")
    ]


QUALTRICS = (
    "StartDate,EndDate,Status,Progress,Finished,RecordedDate,ResponseId,ExternalReference,Q9\r\n"
    '"Start, Date",End Date,Response Type,Progress,Finished,Recorded,Response ID,Ext,"Why?\nSay more"\r\n'
    '"{""ImportId"":""startDate"",""timeZone"":""America/Denver""}","{""ImportId"":""endDate""}",a,b,c,d,e,f,g\r\n'
    "2026-01-31 20:00:00,2026-01-31 20:01:00,0,100,1,2026-01-31 20:01:05,R_1,001,\"it\nis\"\r\n"
    "2026-01-31 20:00:00,2026-01-31\r\n"
)  # fmt: skip


def test_three_header_rows_and_the_time_zone_in_the_third(company):
    outcome = company.land_one("qualtrics/nps.csv", QUALTRICS.encode("utf-8-sig"))
    assert (outcome.object, outcome.rows_in_file, outcome.rows_refused) == ("responses", 2, 1)
    assert company.rows(
        "qualtrics", "responses", "response_id, _record, _time_zone, _extra, _extracted_at"
    ) == [("R_1", 1, "America/Denver", '{"Q9":"it\\nis"}', datetime(2026, 2, 1, 3, 1, 5))]
    assert company.refused("record, line, reason") == [(2, 7, "too few columns")]


QUALTRICS_FIELDS = (
    ("StartDate", "2026-01-31 20:00:00"), ("EndDate", "2026-01-31 20:01:00"), ("Status", "0"), ("Progress", "100"),
    ("Finished", "1"), ("RecordedDate", "2026-01-31 20:01:05"), ("ResponseId", "R_1"),
)  # fmt: skip
LEGACY_QUALTRICS = (
    "V1,V2,V3,V4,V5,V6,V7,V8,V9,V10,Q1,Q1_NPS_GROUP,Q2_TEXT,\r\n"
    "ResponseID,ResponseSet,Name,ExternalDataReference,EmailAddress,IPAddress,Status,StartDate,EndDate,Finished,"
    '"How likely are you,\nto recommend us?",Group,Why?,\r\n'
    "R_1,Default Response Set,Ann Ash,003,ann@x.example,192.0.2.1,0,2016-01-31 20:00:00,2016-01-31 20:01:00,1,9,3,"
    '"it\nis",\r\n'
    "R_2,Default Response Set\r\n"
)  # fmt: skip


def test_what_a_survey_asks_is_kept_with_its_answers(company):
    company.land_one("qualtrics/old.csv", LEGACY_QUALTRICS)
    company.land_one("surveymonkey/NPS.csv", SURVEYMONKEY + OPTIONS + ANSWERED)
    ((below,),) = company.rows("qualtrics", "legacy_responses", "_wording")
    assert json.loads(below) == {"q1": "How likely are you,\nto recommend us?", "comment": "Why?"}
    ((above,),) = company.rows("surveymonkey", "responses", "_wording")
    assert json.loads(above) == {
        "nps": 'How likely is it that you would recommend "Acme, Inc." to a friend\nor colleague?'
    }


ASKED = {  # tag -> what it asks, import id, answer
    "Q1": ("Which product do you use?", "QID1", "1"),
    "Q2": ("How did you hear of us?", "QID2", "3"),
    "Q4_NPS_GROUP": ("How likely are you to recommend us? - Group", "QID4_NPS_GROUP", "Promoter"),
    "Q4": ("How likely are you to recommend us?", "QID4", "9"),
    "Q5_NPS_GROUP": ("And our sister company? - Group", "QID5_NPS_GROUP", "Detractor"),
    "Q5": ("And our sister company?", "QID5", "2"),
    "NPS_TEXT": ("Why?", "QID6_TEXT", "Fast"),
}


@pytest.mark.parametrize(
    ("tags", "ids", "read"),
    [
        (["Q1", "Q2", "Q4_NPS_GROUP", "Q4"], {}, {"nps": "9"}),
        (["Q2", "NPS_TEXT"], {}, {"comment": "Fast"}),
        (["Q2"], {"Q2": "QID2_TEXT"}, {"comment": "3"}),
        (["Q2"], {"Q2": "Q2"}, {"comment": "3"}),  # the survey's own field, not a question
        (["Q4_NPS_GROUP", "Q4", "Q5_NPS_GROUP", "Q5"], {}, {}),  # two, and neither says that it is the one
    ],
    ids=[
        "choices and one NPS question",
        "the words beside a choice",
        "words",
        "a field",
        "two NPS questions",
    ],
)
def test_what_a_question_is_stands_below_its_tag(company, tags, ids, read):
    fields, values = zip(*QUALTRICS_FIELDS, strict=True)
    questions = [(tag, *ASKED[tag]) for tag in tags]
    imports = (json.dumps({"ImportId": ids.get(tag, imported)}) for tag, _, imported, _ in questions)
    file = io.StringIO()
    csv.writer(file).writerows([
        (*fields, *tags),
        (*fields, *(asked for _, asked, _, _ in questions)),
        (*fields, *imports),
        (*values, *(answer for *_, answer in questions)),
    ])  # fmt: skip
    company.land_one("qualtrics/Product.csv", file.getvalue())
    names = ("nps", "q1", "comment")
    columns = ", ".join((*names, "_wording", "_extra"))
    ((*found, wording, extra),) = company.rows("qualtrics", "responses", columns)
    assert {name: value for name, value in zip(names, found, strict=True) if value is not None} == read
    asked_of = {answer: asked for _, asked, _, answer in questions}
    assert json.loads(wording or "{}") == {name: asked_of[answer] for name, answer in read.items()}
    assert json.loads(extra or "{}") == {
        tag: answer for tag, *_, answer in questions if answer not in read.values()
    }


def test_an_older_export_says_by_its_groups_alone_that_q2_is_nps(company):
    company.land_one(
        "qualtrics/old.csv", LEGACY_QUALTRICS.replace("Q1,Q1_NPS_GROUP,Q2_TEXT", "Q2,Q2_NPS_GROUP,Q3")
    )
    assert company.rows("qualtrics", "legacy_responses", "nps, comment") == [("9", None)]


def test_the_older_two_header_rows_with_a_mark_and_a_comma_at_the_end(company):
    outcome = company.land_one("qualtrics/old.csv", LEGACY_QUALTRICS.encode("utf-8-sig"))
    assert (outcome.object, outcome.rows_in_file, outcome.rows_refused) == ("legacy_responses", 2, 1)
    columns = (
        "response_id, recipient_email, finished, q1, q1_nps_group, comment, _record, _extra, _extracted_at"
    )
    assert company.rows("qualtrics", "legacy_responses", columns) == [
        (
            "R_1",
            "ann@x.example",
            "1",
            "9",
            "3",
            "it\nis",
            1,
            '{"column 14":null}',
            datetime(2016, 1, 31, 20, 1),
        )
    ]
    assert company.refused("record, line, reason") == [(2, 6, "too few columns")]


QUALTRICS_MAILINGS = {
    "distribution_contacts": (
        "contact_id,distribution_id,contact_frequency_rule_id,contact_lookup_id,opened_at,response_completed_at,"
        "response_id,response_started_at,sent_at,status,survey_link,survey_session_id\n"
        "CID_1,EMD_1,,CGC_1,2023-03-28 07:41:58.000000 UTC,,,,2023-03-28 07:17:14.896000 UTC,Opened,https://x/SV_1,\n",
        '[{"contactId": "CID_1", "distributionId": "EMD_1", "contactLookupId": "CGC_1", "status": "Opened", "surveyLink": null,'
        ' "contactFrequencyRuleId": null, "responseId": null, "sentAt": "2023-03-28T07:17:14Z", "openedAt": null}]',
    ),
    "distributions": (
        "id,created_date,header_from_email,modified_date,organization_id,recipient_mailing_list_id,request_status,"
        "request_type,send_date,survey_link_link_type,survey_link_survey_id\n"
        "EMD_1,2022-12-08 12:48:07.000000 UTC,,,x,CG_1,Done,Invite,2022-12-08 12:48:07.000000 UTC,Individual,SV_1\n",
        '[{"id": "EMD_1", "requestType": "Invite", "requestStatus": "Done", "sendDate": "2022-12-08T12:48:07Z",'
        ' "headers": {"fromEmail": null}, "surveyLink": {"surveyId": "SV_1", "linkType": "Individual"}, "stats": {"sent": 1}}]',
    ),
    "contacts": (
        "directory_id,id,creation_date,directory_unsubscribe_date,directory_unsubscribed,email,email_domain,ext_ref,"
        "first_name,language,last_modified,last_name,phone,write_blanks\n"
        "POOL_1,CID_1,2020-07-09 08:32:46.467000 UTC,,false,a@x.example,x.example,003,Ann,,,Ash,,\n",
        '[{"contactId": "CID_1", "firstName": "Ann", "lastName": "Ash", "email": "a@x.example", "phone": null, "extRef": "003",'
        ' "unsubscribed": false, "mailingListUnsubscribed": false}]',
    ),
}


@pytest.mark.parametrize("name", QUALTRICS_MAILINGS)
@pytest.mark.parametrize("form", [0, 1], ids=["warehouse", "interface"])
def test_mailings_and_contacts_of_qualtrics(company, name, form):
    outcome = company.land_one(f"qualtrics/x.{'json' if form else 'csv'}", QUALTRICS_MAILINGS[name][form])
    assert (outcome.object, outcome.status, outcome.rows_landed) == (name, "accepted", 1)
    told = {
        "distribution_contacts": ("distribution_id, contact_id, status", ("EMD_1", "CID_1", "Opened")),
        "distributions": ("distribution_id, request_type, survey_id", ("EMD_1", "Invite", "SV_1")),
        "contacts": (
            "contact_id, external_reference, directory_unsubscribed",
            ("CID_1", "003", "false"),
        ),
    }
    columns, values = told[name]
    assert company.rows("qualtrics", name, columns) == [values]


SURVEYMONKEY = (
    "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1,"
    '"How likely is it that you would recommend ""Acme, Inc."" to a friend\nor colleague?",Which colours?,,,"Why, then?"\n'
)
OPTIONS = ",,,,,,,,,Response,Red,Blue,Other (please specify),Open-Ended Response\n"
ANSWERED = (
    '10000001,7,01/31/2026 11:59:05 PM,02/01/2026 12:04:10 AM,192.0.2.1,a@x.example,,,,10,Red,,"teal\n",ok\n'
)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (OPTIONS, 4),
        (OPTIONS.replace("Response,Red", ",Red").replace("Open-Ended Response", ""), 4),
        ("," * 13 + "\n", 4),
        ("\n", 4),
        ("", 3),  # a copy that lost its second row
    ],
    ids=["options", "condensed", "empty", "blank", "none"],
)
def test_two_header_rows_of_which_the_second_may_be_empty(company, options, line):
    outcome = company.land_one(
        "surveymonkey/NPS.csv", (SURVEYMONKEY + options + ANSWERED + ANSWERED[:30] + "\n").encode("utf-8-sig")
    )
    assert (outcome.object, outcome.rows_in_file, outcome.rows_refused) == ("responses", 2, 1)
    columns = "respondent_id, email_address, nps, _record, _extracted_at"
    assert company.rows("surveymonkey", "responses", columns) == [
        ("10000001", "a@x.example", "10", 1, datetime(2026, 2, 1, 0, 4, 10))
    ]
    assert company.refused("record, line, reason") == [(2, line + 2, "too few columns")]


def test_columns_of_one_question_are_kept_by_its_options(company):
    company.land_one("surveymonkey/NPS.csv", SURVEYMONKEY + OPTIONS + ANSWERED)
    ((extra,),) = company.rows("surveymonkey", "responses", "_extra")
    assert json.loads(extra) == {
        "IP Address": "192.0.2.1",
        "Which colours?: Red": "Red",
        "Which colours?: Blue": None,
        "Which colours?: Other (please specify)": "teal\n",
        "Why, then?": "ok",
    }


def test_a_score_spread_over_a_column_for_each_option_refuses_the_file(company):
    question, options = '"How likely is it that you would recommend us?"', ["Not at all likely - 0", "1", "2"]
    names = SURVEYMONKEY.split('"')[0] + question + ",,\n"
    outcome = company.land_one(
        "surveymonkey/NPS.csv",
        f"{names}{',' * 9}{','.join(options)}\n1,7,01/31/2026,,,,,,,Not at all likely - 0,,\n",
    )
    assert outcome.status == "refused"
    assert "'How likely is it that you would recommend us?'" in outcome.reason
    assert "export it with condensed columns" in outcome.reason


DELIGHTED = {
    "interface": '[{"id": "7", "person": "9", "survey_type": "nps", "score": 0, "comment": null,'
    ' "permalink": "https://x.example/r/1", "created_at": 1643574875, "updated_at": null, "person_properties":'
    ' {"country": "USA"}, "notes": [], "tags": ["late"], "additional_answers": [{"id": "4", "value": {"scale": 3}}]}]',
    "webhook": '{"id": "7", "person": {"id": "9", "email": "p@x.example", "name": "P", "created_at": 1482589349}, "score": 0,'
    ' "comment": null, "permalink": "x", "created_at": 1643574875, "updated_at": 1643574875, "person_properties": null,'
    ' "notes": [], "tags": ["late"]}',
    "warehouse": "id,person,survey_type,score,comment,permalink,created_at,updated_at,tags\n"
    '7,9,nps,0,,x,1643574875,,"[""late""]"\n',
}


@pytest.mark.parametrize("form", DELIGHTED)
def test_responses_of_delighted_with_what_is_nested_in_them(company, form):
    outcome = company.land_one(f"delighted/x.{'csv' if form == 'warehouse' else 'json'}", DELIGHTED[form])
    assert (outcome.object, outcome.status, outcome.rows_landed) == ("survey_responses", "accepted", 1)
    columns = (
        "id, coalesce(person_id, person), person_email, survey_type, score, _extra->>'tags', _extracted_at"
    )
    address, kind = ("p@x.example", None) if form == "webhook" else (None, "nps")
    assert company.rows("delighted", "survey_responses", columns) == [
        ("7", "9", address, kind, "0", '["late"]', datetime(2022, 1, 30, 20, 34, 35))
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "people",
            '[{"id": "9", "name": "P", "email": "p@x.example", "created_at": 1641455285, "last_sent_at": 1641455285,'
            ' "last_responded_at": null, "next_survey_scheduled_at": null}]',
        ),
        (
            "unsubscribes",
            '[{"person_id": "9", "email": "p@x.example", "name": "P", "unsubscribed_at": 1641289584}]',
        ),
    ],
)
def test_people_of_delighted(company, name, content):
    outcome = company.land_one("delighted/x.json", content)
    assert (outcome.object, outcome.status, outcome.rows_landed) == (name, "accepted", 1)


@pytest.mark.parametrize(
    "content",
    [
        '[{"customer_ref": "c1", "created_at": null, "is_test": false, "n": 0.10},'
        ' {"customer_ref": 7, "tags": ["a", 1.50]}]',
        '{"object": "list", "data": [{"customer_ref": "c1", "is_test": false, "n": 0.10},'
        ' {"customer_ref": 7, "tags": ["a", 1.5]}]}',
        '{"customer_ref": "c1", "is_test": false, "n": 0.10}\n\n{"customer_ref": 7, "tags": ["a", 1.5]}\n',
    ],
)
def test_json_in_three_shapes(company, content):
    company.land_one("plain/c.json", content)
    assert company.rows(
        "plain", "customers", "customer_ref, is_test, _extra->>'n', _extra->>'tags', _record"
    ) == [
        ("c1", "false", "0.10", None, 1),
        ("7", None, None, '["a",1.5]', 2),
    ]


def test_a_broken_line_of_json_is_refused_and_a_broken_list_refuses_the_file(company):
    company.write("plain/a.jsonl", '{"customer_ref": "c1"}\n{"customer_ref": \n[1]\n{"customer_ref": "c2"}\n')
    company.write("plain/b.json", '[{"customer_ref": "c3"}, {"customer_ref": "c4"')
    company.land()
    assert company.log() == [
        ("plain/a.jsonl", "accepted", 4, 2, 2),
        ("plain/b.json", "refused", None, None, None),
    ]
    assert company.refused("record, line, reason") == [
        (2, 2, "not a JSON object"),
        (3, 3, "not a JSON object"),
    ]


DASHBOARD_PAYMENTS = {  # how the dashboard has headed its payments, oldest first
    "2014": "id,Description,Created,Amount,Amount Refunded,Currency,Converted Amount,Converted Amount Refunded,Fee,"
    "Converted Currency,Mode,Status,Customer ID,Customer Description,Customer Email,Captured,Card Last4,Card Type,"
    "Dispute Status",
    "with tax and metadata": "id,Description,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,"
    "Converted Amount Refunded,Fee,Tax,Converted Currency,Mode,Status,Statement Description,Customer ID,"
    "Customer Description,Customer Email,Captured,Card ID,Card Last4,Card Brand,Card Funding,Invoice ID,"
    "productID (metadata),userID (metadata)",
    "with disputes": "id,Description,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,"
    "Converted Amount Refunded,Fee,Tax,Converted Currency,Mode,Status,Statement Descriptor,Customer ID,"
    "Customer Description,Customer Email,Captured,Card ID,Card Last4,Card Brand,Card Funding,Card Exp Month,"
    "Card Exp Year,Card Name,Card Tokenization Method,Disputed Amount,Dispute Status,Dispute Reason,Dispute Date (UTC),"
    "Dispute Evidence Due (UTC),Invoice ID,Payment Source Type,Destination,Transfer,Interchange Costs,"
    "Merchant Service Charge",
    "with intents": "id,Description,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,"
    "Converted Amount Refunded,Fee,Tax,Converted Currency,Status,Statement Descriptor,Customer ID,Customer Description,"
    "Customer Email,Captured,Card ID,Invoice ID,Payment Source Type,Destination,Transfer,Transfer Group,"
    "PaymentIntent ID",
}  # fmt: skip
PAYMENT = {
    "id": "ch_1", "Created": "2025-05-01 12:34", "Created (UTC)": "2025-05-01 12:34", "Amount": "19.00",
    "Amount Refunded": "4.00", "Currency": "usd", "Mode": "Live", "Status": "Paid", "Customer ID": "cus_1",
    "Customer Email": "ann@x.example", "Invoice ID": "in_1",
}  # fmt: skip


@pytest.mark.parametrize("era", DASHBOARD_PAYMENTS)
def test_payments_of_every_era_of_the_dashboard(company, era):
    names = DASHBOARD_PAYMENTS[era].split(",")
    outcome = company.land_one(
        "stripe/unified_payments.csv",
        f"{','.join(names)}\n{','.join(PAYMENT.get(name, '') for name in names)}\n",
    )
    assert (outcome.object, outcome.status, outcome.rows_landed) == ("payments", "accepted", 1)
    columns = "id, created, amount, amount_refunded, currency, mode, status, customer_id, customer_email, invoice_id"
    assert company.rows("stripe", "payments", columns) == [
        (
            "ch_1", "2025-05-01 12:34", "19.00", "4.00", "usd", "Live" if "Mode" in names else None, "Paid", "cus_1",
            "ann@x.example", "in_1" if "Invoice ID" in names else None,
        )
    ]  # fmt: skip


# Refused records and files


def test_refused_records_say_where_and_why_and_the_others_keep_their_numbers(company):
    text = (
        f'{SUBSCRIPTIONS}\ns1,c1,2026-01-01,,1,EUR,month,"two\nlines"\ns2,c2\ns3,c3,2026-01-01,,1,EUR,month,\n'
        's4,c4,2026-01-01,,1,EUR,month,,too,many\ns5,c5,2026-01-01,,1,EUR,"month"x,\ns6,c6,2026-01-01,,1,EUR,month,\n'
    )
    company.land_one("plain/s.csv", text)
    assert company.log() == [("plain/s.csv", "accepted", 6, 3, 3)]
    assert company.rows("plain", "subscriptions", "subscription_ref, _record") == [
        ("s1", 1),
        ("s3", 3),
        ("s6", 6),
    ]
    assert company.refused() == [
        (2, 4, "starts_on", "too few columns"),
        (4, 6, None, "too many columns"),
        (5, 7, "interval", "text around a quoted value"),
    ]
    assert company.refused("record_text")[0] == ("s2,c2",)


def test_lines_of_refused_records_far_into_a_file(company):
    lines = [f's{n},c{n},2026-01-01,,1,EUR,month,"two\nlines {n}"' for n in range(250_000)]
    broken = (3, 77_777, 123_456, 200_000, 249_999)
    for number in broken:
        lines[number] = f"s{number},short"
    outcome = company.land_one("plain/s.csv", SUBSCRIPTIONS + "\n" + "\n".join(lines) + "\n")
    assert (outcome.rows_landed, outcome.rows_refused) == (249_995, 5)
    assert company.refused("record, line") == [(n + 1, 2 + 2 * n - k) for k, n in enumerate(broken)]
    wrong = company.rows("plain", "subscriptions", "count(*)", "1")
    assert wrong == [(249_995,)]
    ((shifted,),) = company.rows(
        "plain", "subscriptions", "count(*) filter (subscription_ref <> 's' || (_record - 1))", "1"
    )
    assert shifted == 0


def test_an_inch_sign_is_no_quote(company):
    text = (
        f'{SUBSCRIPTIONS}\ns1,c1,2026-01-01,,1,EUR,month,5" pipe\ns2,c2,2026-01-01,,1,EUR,month,6" pipe, \n'
    )
    text += 's3,c3,2026-01-01,,1,EUR,month,"7"" pipe"\n'
    company.land_one("plain/s.csv", text.replace(", \n", "\n"))
    assert company.rows("plain", "subscriptions", "cancel_reason, _record") == [
        ('5" pipe', 1), ('6" pipe', 2), ('7" pipe', 3)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("s.csv", ONE_OPEN_QUOTE + f"{ROW}\n", ["line 3", "never closed"]),
        ("s.csv", ONE_OPEN_QUOTE + 's3,"c3,2026-01-01,,1,EUR,month,\n', ["line 3", "out of step"]),
        ("s.csv", f"{SUBSCRIPTIONS}\n{ROW}\ns2,c\0,2026-01-01,,1,EUR,month,\n", ["line 3", "NUL"]),
        ("s.csv", subscriptions(3).replace("EUR", "\xc9UR").encode("latin-1"), ["line 2", "Latin-1"]),
        ("s.csv", subscriptions(3).encode("utf-32"), ["UTF-32"]),
        ("s.csv", "", ["empty"]),
        ("s.csv", SUBSCRIPTIONS.replace("amount,", "") + "\n", ["plain subscriptions", "amount"]),
        ("s.csv", "a,b,c\n1,2,3\n", ["no header row", "subscriptions"]),
        ("s.csv", f"{SUBSCRIPTIONS},amount\n", ["'amount' twice"]),
        ("s.csv", b"PK\x03\x04 [Content_Types].xml", ["spreadsheet", "CSV"]),
        ("s.xlsx", b"PK\x03\x04rest", ["spreadsheet", "CSV"]),
        ("s.csv", "<html><table>", ["web page"]),
        ("s.parquet", b"PAR1", [".parquet", ".csv"]),
        ("s.csv.gz", gzip.compress(subscriptions(500).encode())[:-40], ["cut off"]),
        ("s.zip", b"PK\x03\x04rest", ["zip file is damaged"]),
        ("s.csv", f"{SUBSCRIPTIONS}\n{ROW}{'x' * (17 << 20)}\n", ["line 2", "16 MB"]),
    ],
)  # fmt: skip
def test_files_refused_with_a_sentence(company, file, content, words):
    outcome = company.land_one(f"plain/{file}", content)
    assert outcome.status == "refused"
    assert all(word in outcome.reason for word in words), outcome.reason
    assert landed_refs(company) == []
    assert outcome.rows_in_file in (None, outcome.rows_refused)


def test_a_file_of_another_contract_is_not_taken_for_one_that_asks_for_less(company):
    """customers asks for customer_ref alone, which a subscriptions file without amounts has as well."""
    company.land_one(
        "plain/s.csv",
        "subscription_ref,customer_ref,starts_on,currency,interval\ns1,c1,2026-01-01,EUR,month\n",
    )
    assert company.rows("plain", "customers") == []


def test_a_folder_that_is_no_vendor_is_named_and_the_rest_lands(company):
    company.write("acme/x.csv", "a\n1\n")
    company.land_one("plain/s.csv", subscriptions(2))
    assert len(landed_refs(company)) == 2
    assert any("'acme' is no vendor" in line and "plain/acme/" in line for line in company.said)


# Seen before, superseded, held


def test_bytes_seen_before_make_no_new_row_and_are_not_read(company, monkeypatch):
    company.write("plain/a.csv", subscriptions(5))
    company.write("plain/b.csv", "nothing,known\n")
    company.land()
    before = company.log("*")
    company.write("plain/copy_of_a.csv", subscriptions(5))
    monkeypatch.setattr("dagster_project.exports.landing.read_file", lambda *_: pytest.fail("read again"))
    report = company.land()
    assert company.log("*") == before
    assert report.new == [] and len(report.files) == 2


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        ([], "accepted"),
        ([{"vendor": "surveymonkey", "object": "responses", "minimum_row_share": "0.5"}], "held"),
    ],
)
def test_a_small_survey_after_a_large_one_is_no_truncated_export(company, policy, status):
    record = "{n},7,01/31/2026,01/31/2026,,,,,,10,,,,\n"
    large = "".join(record.format(n=n) for n in range(1000, 1010))
    company.write("surveymonkey/Large_2026-01-31.csv", SURVEYMONKEY + OPTIONS + large)
    company.land(policy)
    small = company.land_one(
        "surveymonkey/Small_2026-02-28.csv", SURVEYMONKEY + OPTIONS + record.format(n=1), policy=policy
    )
    assert small.status == status


def test_the_same_bytes_from_two_systems_are_two_batches(company):
    company.write("plain/east/a.csv", subscriptions(5))
    company.write("plain/west/a.csv", subscriptions(5))
    company.land()
    assert len(landed_refs(company)) == 10


@pytest.mark.parametrize("rows", [0, 4])
def test_a_truncated_or_empty_export_is_held_until_somebody_decides(company, rows):
    company.write("plain/s_2026-01-31.csv", subscriptions(10))
    company.land()
    held = company.land_one("plain/s_2026-02-28.csv", subscriptions(rows))
    assert held.status == "held" and held.rows_landed == 0 and held.rows_refused == held.rows_in_file == rows
    assert f"{held.batch_id},accept,<role>,<YYYY-MM-DD>,<why>" in held.reason and "10" in held.reason
    assert len(landed_refs(company)) == 10
    assert next(check.name for check in held.checks if not check.passed) == "rows_against_last_batch"

    assert company.land().new == []
    decision = {
        "batch_id": held.batch_id,
        "decision": "accept",
        "decided_by": "CCO office",
        "decided_on": "2026-03-01",
        "why": "sold",
    }
    company.land(decisions=[decision])
    assert company.log() == [
        ("plain/s_2026-01-31.csv", "accepted", 10, 10, 0),
        ("plain/s_2026-02-28.csv", "accepted", rows, rows, 0),
    ]


def test_a_held_file_can_be_refused_for_good(company):
    company.write("plain/s_2026-01-31.csv", subscriptions(10))
    company.land()
    held = company.land_one("plain/s_2026-02-28.csv", subscriptions(1))
    decision = {
        "batch_id": held.batch_id,
        "decision": "refuse",
        "decided_by": "CCO office",
        "decided_on": "2026-03-01",
        "why": "half of it",
    }
    company.land(decisions=[decision])
    assert company.log("status, reason")[1] == (
        "refused",
        "Refused: refused by CCO office on 2026-03-01: half of it.",
    )


def test_a_policy_sets_how_small_a_batch_may_be(company):
    policy = [
        {
            "vendor": "plain",
            "object": "subscriptions",
            "is_complete": False,
            "minimum_row_share": 0.1,
            "minimum_value_share": 0.1,
        }
    ]
    company.write("plain/s_2026-01-31.csv", subscriptions(10))
    company.land()
    assert company.land_one("plain/s_2026-02-28.csv", subscriptions(2)).status == "held"
    assert [entry.status for entry in company.land(policy=policy).new] == ["accepted"]


def test_amounts_that_collapse_are_held(company):
    company.write("plain/s_2026-01-31.csv", subscriptions(10))
    company.land()
    held = company.land_one("plain/s_2026-02-28.csv", subscriptions(10, amount="0.10"))
    assert [check.name for check in held.checks if not check.passed] == ["value_against_last_batch"]
    assert "1.00" in held.reason and "100.00" in held.reason


def test_extracts_of_one_run_are_compared_with_each_other_in_their_order(company):
    company.write("plain/a_2026-02-28.csv", subscriptions(2))
    company.write("plain/b_2026-01-31.csv", subscriptions(10))
    company.write("plain/c_2026-03-31.csv", subscriptions(9))
    company.land()
    assert [row[:2] for row in company.log()] == [
        ("plain/a_2026-02-28.csv", "held"),
        ("plain/b_2026-01-31.csv", "accepted"),
        ("plain/c_2026-03-31.csv", "accepted"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "check"),
    [
        ("s{n},,2026-01-01,,1,EUR,month,", "required_values_present"),
        ("s{n},c1,2026-01-01,,free,EUR,month,", "values_in_range"),
        ("s{n},c1,0026-01-01,,1,EUR,month,", "values_in_range"),
        ("s1,c1,2026-01-01,,1,EUR,month,", "keys_unique_or_superseded"),
    ],
)
def test_a_batch_that_mostly_breaks_a_rule_is_held(company, row, check):
    rows = [row.format(n=n) for n in range(8)]
    good = [f"g{n},c1,2026-01-01,,1,EUR,month," for n in range(4)]
    held = company.land_one("plain/s.csv", "\n".join([SUBSCRIPTIONS, *rows, *good]))
    assert [c.name for c in held.checks if not c.passed] == [check]
    assert held.status == "held"


def test_an_error_inside_great_expectations_is_no_verdict(company, monkeypatch):
    monkeypatch.setitem(expectations.CHECKS, "values_in_range", ("1 = 0", "no_such_column", None))
    company.write("plain/s.csv", subscriptions(2))
    with pytest.raises(expectations.ChecksBroken, match="values_in_range could not run"):
        company.land()
    assert company.log() == [] and landed_refs(company) == []


def test_a_refused_file_is_looked_at_again_when_its_contract_changes(company, monkeypatch):
    text = (
        "Subscription number,customer_ref,starts_on,amount,currency,interval\ns1,c1,2026-01-01,1,EUR,month\n"
    )
    assert company.land_one("plain/s.csv", text).status == "refused"

    def mended(contract):
        first, *others = contract.columns
        return replace(contract, columns=(replace(first, aliases=("Subscription number",)), *others))

    plain = tuple(mended(c) if c.object == "subscriptions" else c for c in CONTRACTS["plain"])
    monkeypatch.setitem(CONTRACTS, "plain", plain)
    company.land()
    assert company.log() == [("plain/s.csv", "accepted", 1, 1, 0)]


# Growing files, crashes, a full disk


def test_a_growing_file_is_waited_for(company):
    path = company.write("plain/s.csv", subscriptions(1))
    text = subscriptions(60)
    path.write_text(text[:100])

    def grow():
        for end in range(100, len(text) + 100, 100):
            path.write_text(text[:end])
            time.sleep(0.02)

    writer = threading.Thread(target=grow)
    writer.start()
    company.land(settle=0.4)
    writer.join()
    assert len(landed_refs(company)) == 60


def test_unfinished_downloads_are_left_alone(company):
    company.write("plain/s.csv.crdownload", subscriptions(1))
    assert company.land().files == []
    assert "unfinished download" in company.said[0]


def test_killed_at_any_step_and_run_again_the_landing_is_the_same(tmp_path):
    """SIGKILL at the n-th write, sync or rename of a run, for every n, then one undisturbed run."""
    company = Company(tmp_path)
    company.write("plain/a_2026-01-31.csv", subscriptions(6) + "short,row\n")
    company.write("plain/c_2026-03-31.csv", subscriptions(1))
    command = [sys.executable, "tests/landing_killed.py", str(tmp_path / "exports"), str(tmp_path / "homes")]
    done = subprocess.run(command, cwd=PROJECT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    whole, *after_a_kill = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row[1] for row in whole["log"]] == ["accepted", "held"]
    assert len(whole["rows"]) == 6 and len(whole["refused"]) == 1 and whole["aside"] == []
    assert len(after_a_kill) >= 25
    assert all(outcome == whole for outcome in after_a_kill)


def test_a_full_disk_is_a_sentence_and_leaves_nothing_half_written(tmp_path):
    """A limit on file sizes raises what a full disk does, at the same calls, without needing a disk."""
    company = Company(tmp_path)
    company.write("plain/small.csv", "customer_ref\nc1\n")
    company.land()
    random = Random(1)
    rows = [f"s{n},c{random.random()},2026-01-01,,1,EUR,month,{random.random()}" for n in range(20_000)]
    company.write("plain/s.csv", "\n".join([SUBSCRIPTIONS, *rows]))
    script = """
import resource, signal, sys
from pathlib import Path
from dagster_project.exports.store import DiskFull
from tests.landing_helpers import CONTRACTS
from dagster_project.exports.landing import land
from dagster_project.paths import Paths
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
folder = Path(sys.argv[1])
try:
    land(Paths(folder / "exports", folder / "reference", folder / "home"), CONTRACTS, [], [], print, 0.0)
except DiskFull as error:
    print(error)
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert "no room left on the disk" in done.stdout, done.stdout + done.stderr
    assert landed_refs(company) == [] and len(company.log()) == 1
    company.land()
    assert len(landed_refs(company)) == 20_000
