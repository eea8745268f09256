"""What customers say, in one stream, and whether they hear back: a company small enough to be worked out by hand.

Three customers and a buyer talk in 2025, once a day, of billing three times a month. In January 2026 bills go wrong twelve times. In
February a survey asks, and some of those who are not content hear back.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pyarrow
import pytest

from dagster_project.settings import Asked
from tests.company import build, models
from tests.oracles import feedback
from tests.test_who_counts import write

MONTHS = [(2025, month) for month in range(1, 13)] + [(2026, 1)]
OFTEN = {(2026, 1): 12}
HEADER = "ticket_ref,customer_ref,email,opened_at,first_replied_at,resolved_at,category,verbatim"
TICKETS = f"{HEADER}\n" + "".join(
    f"{year}-{month}-{n},{'abc'[n % 3]},,{year}-{month:02d}-{n % 28 + 1:02d}T09:00:00Z,,,,"
    f"{'Again the BILL' if n < OFTEN.get((year, month), 3) else 'Parcel has not come'}\n"
    for year, month in MONTHS
    for n in range(20)
)
TICKETS += "x6,t,,2026-02-06T09:00:00Z,,,,bill of a test account\n"
DESK = """x1,,a@a.example,2026-02-01T09:00:00Z,2026-02-01T19:00:00Z,2026-02-03T09:00:00Z,Invoice,late delivery of a parcel
x2,,b@b.example,2026-02-02T09:00:00Z,2026-02-03T09:00:00Z,,Parcels,"The price is fine, but again a late-delivery
of the parcel 😀"
x3,,C@c.example,2026-02-03T09:00:00Z,2026-02-03T09:00:01Z,,,値段が高い。配送は早い
x4,,who@else.example,2026-02-04T09:00:00Z,,,,الفاتورة خاطئة
x5,,,2026-02-05T09:00:00Z,2026-02-04T09:00:00Z,,,nothing that any word is for: costs
x7,,p@p.example,2026-03-19T09:00:00Z,,,Parcel?,
x8@mail.example,,A@a.example,2026-03-20T09:00:00Z,,,,bill
"""
ANSWERS = """response_ref,survey_ref,invitation_ref,customer_ref,email,responded_at,metric,score,verbatim,language
r1,nps,,a,,2026-02-10T09:00:00Z,nps,3,the bill,en
r2,nps,,b,,2026-02-10T10:00:00Z,nps,6,,
r3,nps,,,,2026-02-10T11:00:00Z,nps,0,a parcel,en
r4,nps,,c,,2026-02-10T12:00:00Z,nps,7,bill,de
r5,csat,,a,,2026-02-11T09:00:00Z,csat,2,Rechnung,de-AT
r6,nps,,a,,2026-02-20T09:00:00Z,nps,8,,
r7,nps,,,B@b.example,2026-02-21T09:00:00Z,nps,5,,
r8,nps,i3,,,2026-02-22T09:00:00Z,nps,1,parcel; bill,
r9,ces,,b,,2026-02-23T09:00:00Z,ces,4,,
"""
INVITATIONS = """invitation_ref,survey_ref,customer_ref,email,sent_at,status
i1,nps,b,,2026-02-25T09:00:00Z,sent
i2,nps,c,,2026-02-25T09:00:00Z,bounced
i3,nps,c,,2026-02-20T09:00:00Z,sent
i4,other,c,,2026-02-26T09:00:00Z,sent
"""
FOLLOW_UPS = """follow_up_ref,of_vendor,of_system,of_kind,of_ref,kind,happened_at,owner,is_automatic
f1,,,survey_answer,r1,contact,2026-02-10T09:05:00Z,,true
f2,,,,r1,contact,2026-02-12T09:00:00Z,team:care,
f3,,,survey_answer,r2,told,2026-02-13T10:00:00Z,team:care,false
f4,plain,desk,,r1,contact,2026-02-10T09:01:00Z,,
f5,,,ticket,r5,told,2026-02-11T10:00:00Z,,
f6,plain,desk,ticket,x1,told,2026-03-21T09:00:00Z,,
f7,,,,r8,told,2026-02-22T08:00:00Z,,
"""
EXPORTS = {
    "plain/crm/customers_2026-03-20.csv": """customer_ref,email,segment,created_at,is_test
a,a@a.example,Shop,2024-12-01,
b,b@b.example,Office,2024-12-01,
c,c@c.example,,2024-12-01,
p,p@p.example,Shop,2024-12-01,
t,t@t.example,,2024-12-01,true
""",
    "plain/crm/subscriptions_2026-03-20.csv": """subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval,cancel_reason
s1,a,2025-01-01,,10.00,EUR,month,
s2,b,2025-01-01,2026-02-15,20.00,EUR,month,Too Dear
s3,c,2025-01-01,,30.00,EUR,month,
s4,c,2025-01-01,2026-04-15,1.00,EUR,month,too dear
""",
    "plain/crm/survey_responses_2026-03-20.csv": ANSWERS,
    "plain/crm/survey_invitations_2026-03-20.csv": INVITATIONS,
    "plain/crm/follow_ups_2026-03-20.csv": FOLLOW_UPS,
    "plain/crm/tickets_2026-03-20.csv": TICKETS,
    "plain/desk/tickets_2026-03-20.csv": f"{HEADER}\n{DESK}",
}
# What vendors' exports hold of a time before the company had any customer: told in no period, and every word of it kept.
VENDORS = {
    "zendesk/tickets_2026-03-20.json": """{"id": 71, "status": "open", "requester_id": 501, "organization_id": null, "type": "problem", \
"subject": "الفاتورة 🧾", "description": "سطر أول\\nline two, \\"quoted\\"", "created_at": "2024-12-05T09:00:00Z", \
"updated_at": "2024-12-05T09:00:00Z"}
""",
    "salesforce/cases_2026-03-20.csv": """Id,AccountId,Status,Origin,Reason,Subject,Description,CreatedDate
500a00000000000,001AcmeWorks000,New,Email,,Outage,"Nothing works,
since ""ten"" o'clock",2024-12-05T09:00:00.000Z
""",
    "salesforce/tasks_2026-03-20.csv": """Id,WhoId,WhatId,Subject,Description,CallType,Status,ActivityDate,CreatedDate
00Ta00000000000,003ann000000000,,Call,全部よい 👍,Inbound,Completed,2024-12-06,2024-12-06T10:00:00.000Z
""",
    "qualtrics/Relationship_2026-03-20.csv": """StartDate,EndDate,Status,Progress,Finished,RecordedDate,ResponseId,NPS,Q2_TEXT,Q2_TEXT - Topics
Start,End,Status,Progress,Finished,Recorded,Response,How likely?,Why?,Why? - Topics
"{""ImportId"":""startDate"",""timeZone"":""UTC""}","{""ImportId"":""endDate"",""timeZone"":""UTC""}","{""ImportId"":""status""}",\
"{""ImportId"":""progress""}","{""ImportId"":""finished""}","{""ImportId"":""recordedDate"",""timeZone"":""UTC""}",\
"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}","{""ImportId"":""QID3""}"
2024-12-07 09:00:00,2024-12-07 09:05:00,0,100,1,2024-12-07 09:05:00,R_1,4,"配送が
遅い",Delivery
""",
    "surveymonkey/After a call_2026-03-20.csv": """Respondent ID,Collector ID,Start Date,End Date,Email Address,\
How likely is it that you would recommend us?,What is the main reason for your score?
,,,,,Response,Open-Ended Response
900,1,12/08/2024 09:00:00 AM,12/08/2024 09:05:00 AM,z@z.example,5,"Žádný účet, ""nic"" 😡"
""",
    "delighted/Relationship-2026-03-20.json": """{"id": "d1", "person": "9001", "survey_type": "nps", "score": 2, \
"comment": "très cher\\n¡caro!", "created_at": 1733731200}
""",
    "stripe/customers_2026-03-20.csv": "id,email,name,created,livemode\ncus_1,y@y.example,Y,2024-01-01 00:00:00,true\n",
    "stripe/subscriptions_2026-03-20.csv": """id,customer_id,status,start_date,created,canceled_at,ended_at,cancellation_details
sub_1,cus_1,canceled,2024-01-01 00:00:00,2024-01-01 00:00:00,2024-12-01 00:00:00,2024-12-10 00:00:00,\
"{""comment"": ""Слишком дорого 💸"", ""feedback"": ""too_expensive"", ""reason"": ""cancellation_requested""}"
""",
}
REFERENCE = {
    "settings.csv": "setting,value\nminimum_cell_size,2\n",
    "issue_category.csv": "category,owner\nbilling,team:finance\ndelivery,team:carrier\nprice,\n",
    "category_crosswalk.csv": "silo,code,category\nDESK,invoice,billing\ncrm,too dear,price\nstripe,too_expensive,price\n",
    "category_word.csv": """category,word,language
billing,Bill,en
billing,Rechnung,de
billing,الفاتورة,
price,price,
price,cost,
delivery,Parcel,
delivery,late delivery,
delivery,配送,
price,値段,ja
""",
    "feedback_promise.csv": """kind,category,owner,contact_hours,resolve_hours,tell_hours
low_score,,team:care,48,,240
low_score,billing,team:finance,48,,
ticket,,team:desk,24,48,720
cancellation,,team:sales,,,240
""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feedback")
    write(folder / "exports", EXPORTS | VENDORS)
    write(folder / "reference", REFERENCE)
    return folder


@pytest.fixture(scope="module")
def warehouse(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with build(
        folder / "exports", folder / "reference", folder / "home", rooms=["listening", "restricted"]
    ) as warehouse:
        yield warehouse


def test_each_piece_is_sorted_by_the_silos_category_or_else_by_its_words(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.sql("""
        select source_ref, kind, segment, is_customer, category, found_by, is_low_score, cast(yearly_value as int)
        from listening.feedback where given_on >= '2026-02-01' order by kind, source_ref
    """).fetchall()
    assert found == [
        ("s2", "cancellation", "Office", True, "price", "crosswalk", False, 240),  # on the day it leaves; s4 leaves later
        ("r1", "survey_answer", "Shop", True, "billing", "words", True, 120),
        ("r2", "survey_answer", "Office", True, None, None, True, 240),
        ("r3", "survey_answer", "unsegmented", False, "delivery", "words", True, None),  # of nobody
        ("r4", "survey_answer", "unsegmented", True, "uncategorised", "uncategorised", False, 372),  # no German word
        ("r5", "survey_answer", "Shop", True, "billing", "words", True, 120),
        ("r6", "survey_answer", "Shop", True, None, None, False, 120),
        ("r7", "survey_answer", "Office", True, None, None, True, 0),  # left by then
        ("r8", "survey_answer", "unsegmented", True, "delivery", "words", True, 372),  # whoever was invited; longer
        ("r9", "survey_answer", "Office", True, None, None, False, 0),
        ("hashed:dec571809fbf1cabc54c7e72b2c7e3d0", "ticket", "Shop", True, "billing", "words", False, 120),
        ("x1", "ticket", "Shop", True, "billing", "crosswalk", False, 120),
        ("x2", "ticket", "Office", True, "delivery", "words", False, 240),  # the longest
        ("x3", "ticket", "unsegmented", True, "price", "words", False, 372),  # the first of two as long
        ("x4", "ticket", "unsegmented", False, "billing", "words", False, None),
        ("x5", "ticket", "unsegmented", False, "uncategorised", "uncategorised", False, None),  # cost is not in costs
        ("x7", "ticket", "Shop", False, "delivery", "words", False, None),  # the words of the desk's category
    ]  # fmt: skip


def test_words_stay_as_they_were_written_and_are_restricted(warehouse: duckdb.DuckDBPyConnection) -> None:
    texts = dict(
        warehouse.sql(
            "select source_ref, text from restricted.verbatims where source_ref in ('x2', 'x3', 'x4', 'r2', 'x6')"
        ).fetchall()
    )
    assert texts == {
        "x2": "The price is fine, but again a late-delivery\nof the parcel 😀",
        "x3": "値段が高い。配送は早い",
        "x4": "الفاتورة خاطئة",
    }
    found = warehouse.sql("""
        select items.vendor, items.object, items.kind, items.given_on, items.category, texts.text
        from listening.feedback as items left join restricted.verbatims as texts using (vendor, object, source_ref)
        where items.given_on < '2025-01-01' order by items.given_on, items.vendor
    """).fetchall()
    assert found == [
        (
            "salesforce",
            "cases",
            "ticket",
            date(2024, 12, 5),
            "uncategorised",
            'Outage\nNothing works,\nsince "ten" o\'clock',
        ),
        (
            "zendesk",
            "tickets",
            "ticket",
            date(2024, 12, 5),
            "billing",
            'الفاتورة 🧾\nسطر أول\nline two, "quoted"',
        ),
        ("salesforce", "tasks", "call_note", date(2024, 12, 6), "uncategorised", "Call\n全部よい 👍"),
        ("qualtrics", "responses", "survey_answer", date(2024, 12, 7), "delivery", "配送が\n遅い"),
        (
            "surveymonkey",
            "responses",
            "survey_answer",
            date(2024, 12, 8),
            "uncategorised",
            'Žádný účet, "nic" 😡',
        ),
        (
            "delighted",
            "survey_responses",
            "survey_answer",
            date(2024, 12, 9),
            "uncategorised",
            "très cher\n¡caro!",
        ),
        ("stripe", "subscriptions", "cancellation", date(2024, 12, 10), "price", "Слишком дорого 💸"),
    ]
    assert warehouse.sql("select distinct is_pii_checked from restricted.verbatims").fetchall() == [(False,)]
    clear = warehouse.sql(
        "select reference from restricted.hashed_reference where hashed_reference like 'hashed:%'"
    )
    assert ("x8@mail.example",) in clear.fetchall()


def test_an_issue_emerges_against_its_own_past(warehouse: duckdb.DuckDBPyConnection) -> None:
    """3 of 20 in each of twelve months, then 12 of 20: 2 (3.464102 - 1.732051) / sqrt(1 + 1/12)."""
    rows = warehouse.sql("""
        select category, items, expected_items, emergence_score, is_emerging, why_not_tested
        from listening.issue_volume
        where segment = 'all' and period_kind = 'month' and period_start = '2026-01-01' order by category
    """).fetchall()
    assert rows == [
        ("all", 20, None, None, None, "total"),
        ("billing", 12, 3, Decimal("3.328202"), True, None),
        ("delivery", 8, 17, Decimal("-2.487774"), False, None),
    ]
    why = warehouse.sql("""
        select period_kind, period_start, why_not_tested from listening.issue_volume
        where segment = 'all' and category = 'billing' and period_start in ('2025-06-01', '2025-07-01', '2026-01-01', '2026-02-01')
        order by all
    """).fetchall()
    assert why == [
        ("month", date(2025, 6, 1), "few_months"), ("month", date(2025, 7, 1), None), ("month", date(2026, 1, 1), None),
        ("month", date(2026, 2, 1), "new_way_of_listening"),
        ("quarter", date(2025, 7, 1), "months_alone"), ("quarter", date(2026, 1, 1), "months_alone"),
        ("year", date(2026, 1, 1), "months_alone"),
    ]  # fmt: skip


def test_what_is_said_asked_and_unasked_stands_side_by_side(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql("""
        select category, owner, aided_items, unaided_items, items, item_share, customers, cast(customers_value as int),
            active_customers, items_per_thousand, rank_aided, rank_unaided, is_converged, missing_source, is_provisional
        from listening.issue_volume
        where segment = 'all' and period_kind = 'month' and period_start = '2026-02-01' order by category
    """).fetchall()
    share = [Decimal(text) for text in ("1", "0.363636", "0.272727", "0.181818", "0.181818")]
    assert rows == [
        ("all", None, 5, 6, 11, share[0], 3, 732, 2, 5500, None, None, None, None, False),
        ("billing", "team:finance", 2, 2, 4, share[1], 1, 120, 2, 2000, 2, 2, True, None, False),
        ("delivery", "team:carrier", 2, 1, 3, share[2], 2, 612, 2, 1500, 1, 3, True, None, False),
        ("price", None, 0, 2, 2, share[3], 2, 612, 2, 1000, None, 1, False, None, False),
        ("uncategorised", None, 1, 1, 2, share[4], 1, 372, 2, 1000, None, None, None, None, False),
    ]  # fmt: skip


def test_open_cases_whose_time_is_over_are_misses(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql("""
        select owner, clock, owed_cases, unknown_cases, elapsed_cases, kept_cases, late_cases, overdue_cases, kept_share, done_share,
            grade, median_hours, why_no_median, detractors, detractors_asked_again, detractors_rescued, asked_again_rate, rescue_rate
        from listening.close_the_loop where period_kind = 'month' and period_start = '2026-02-01' and owner <> 'all' order by all
    """).fetchall()
    half, none = Decimal("0.5"), None
    third = Decimal("0.333333")
    assert rows == [
        # r2 told after 72 hours, which is contact too; r7, r8 and r3 not at all (r3 is of nobody)
        ("team:care", "contact", 3, 0, 3, 0, 1, 2, 0, third, none, none, "half of them open", 3, 2, 0, Decimal("0.666667"), 0),
        ("team:care", "told", 3, 0, 3, 1, 0, 2, third, third, "F", none, "half of them open", 3, 2, 0, Decimal("0.666667"), 0),
        # x1 after 10 hours, x2 after 24, x3 after a second; x4 never, x5 before it was asked, as good as never
        ("team:desk", "contact", 5, 0, 5, 3, 0, 2, Decimal("0.6"), Decimal("0.6"), none, 24, none, 0, 0, 0, none, none),
        ("team:desk", "resolved", 5, 0, 5, 1, 0, 4, Decimal("0.2"), Decimal("0.2"), none, none, "half of them open", 0, 0, 0, none, none),
        # x1 is told the day after
        ("team:desk", "told", 5, 0, 5, 0, 0, 5, 0, 0, "F", none, "half of them open", 0, 0, 0, none, none),
        # r1 spoken to after 48 hours to the second, r5 not at all; r1 scored 8 the next time
        ("team:finance", "contact", 2, 0, 2, 1, 0, 1, half, half, none, 48, none, 1, 1, 1, none, none),
        ("team:sales", "told", 1, 0, 1, 0, 0, 1, none, none, none, none, "half of them open", 0, 0, 0, none, none),
    ]  # fmt: skip


def test_the_oracle_says_the_same(folder: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    told = feedback.Told(folder / "exports", folder / "reference")
    lines = [line for measure in feedback.measures(told) for line in measure.wrong(told.facts, warehouse)]
    assert [line for line in lines if " 2024-12-" not in line] == []


WORDS = [
    "bill",
    "Parcel",
    "late delivery",
    "配送",
    "値段が高い",
    "price,",
    "cost",
    "fine!",
    "Rechnung",
    "الفاتورة",
    "and",
    "billing",
    "😀",
]


def random_company(chance: random.Random) -> dict[str, str]:
    """Fourteen months of a company whose customers say all sorts of things, some of them at the same moment."""

    def at(first: str = "2025-01-01", days: int = 420) -> str:
        hours = timedelta(hours=chance.randrange(days * 24))
        return f"{datetime.fromisoformat(first) + hours:%Y-%m-%dT%H:00:00Z}"

    def later(moment: str, hours: int) -> str:
        moved = datetime.fromisoformat(moment.removesuffix("Z")) + timedelta(
            hours=chance.randrange(-9, hours)
        )
        return f"{moved:%Y-%m-%dT%H:00:00Z}" if chance.random() < 0.6 else ""

    def text() -> str:
        return " ".join(chance.choices(WORDS, k=chance.randrange(5)))

    names = [f"c{n}" for n in range(12)]
    customers = [f"{n},{n}@{n}.example,{chance.choice(['Shop', 'Office', ''])},2024-12-01" for n in names]
    contracts = [
        f"s{n},{n},2025-0{chance.randrange(1, 4)}-01,{chance.choice(['', '2025-11-15'])},{chance.randrange(9)}0.00,EUR,month,"
        f"{chance.choice(['', 'too dear', 'other'])}"
        for n in names
    ]
    tickets, answers, invitations, follow_ups = [], [], [], []
    for n in range(500):
        opened = at()
        tickets.append(f"t{n},{chance.choice([*names, 'unknown', ''])},,{opened},{later(opened, 60)},{later(opened, 90)},"
                       f"{chance.choice(['', '', '', 'Invoice', 'x'])},{text()!r}".replace("'", '"'))  # fmt: skip
    for n in range(260):
        metric, most = chance.choice([("nps", 11), ("nps", 11), ("csat", 6), ("ces", 8)])
        answers.append(f"r{n},{metric},,{chance.choice([*names, 'unknown', ''])},,{at()},{metric},{chance.randrange(most)},"
                       f"\"{text()}\",{chance.choice(['', 'de', 'EN', 'ja'])}")  # fmt: skip
    for n in range(60):
        invitations.append(
            f"i{n},{chance.choice(['nps', 'csat'])},{chance.choice(names)},,{at()},{chance.choice(['', 'bounced'])}"
        )
    for n in range(300):
        kind, ref = chance.choice([("ticket", "t"), ("survey_answer", "r"), ("", "t"), ("ticket", "r")])
        follow_ups.append(f"f{n},,,{kind},{ref}{chance.randrange(250)},{chance.choice(['contact', 'resolved', 'told'])},{at()},,"
                          f"{chance.choice(['', 'true', 'false'])}")  # fmt: skip
    files = {
        "customers": ("customer_ref,email,segment,created_at", customers),
        "subscriptions": ("subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval,cancel_reason", contracts),
        "tickets": (HEADER, tickets), "survey_responses": (ANSWERS.split("\n")[0], answers),
        "survey_invitations": (INVITATIONS.split("\n")[0], invitations), "follow_ups": (FOLLOW_UPS.split("\n")[0], follow_ups),
    }  # fmt: skip
    return {
        f"plain/desk/{name}_2026-03-20.csv": "\n".join([header, *rows, ""])
        for name, (header, rows) in files.items()
    }


def test_without_surveys_and_follow_ups_what_is_not_known_is_not_zero(tmp_path: Path) -> None:
    """On 3 February: x1 to x3 are there, two of them for a day and one for two; of the other system nothing tells of any reply."""
    unasked = {name: text for name, text in EXPORTS.items() if "survey" not in name and "follow" not in name}
    write(tmp_path / "exports", unasked)
    write(tmp_path / "reference", REFERENCE)
    asked = Asked(as_of_on=date(2026, 2, 3))
    with build(
        tmp_path / "exports", tmp_path / "reference", tmp_path / "home", asked, rooms=["listening"]
    ) as warehouse:
        volume = warehouse.sql("""
            select category, aided_items, unaided_items, rank_unaided, is_converged, missing_source from listening.issue_volume
            where period_kind = 'month' and period_start = '2026-02-01' and segment = 'all' order by all
        """).fetchall()
        assert volume == [
            ("all", None, 3, None, None, "survey answers"),
            ("billing", None, 1, 1, None, "survey answers"),
            ("delivery", None, 1, 2, None, "survey answers"),
            ("price", None, 1, 3, None, "survey answers"),
        ]
        loop = warehouse.sql("""
            select period_start, clock, owed_cases, unknown_cases, elapsed_cases, kept_cases, missing_source, is_provisional
            from listening.close_the_loop
            where period_kind = 'month' and owner = 'team:desk' and period_start >= '2026-01-01' order by all
        """).fetchall()
        january, february = date(2026, 1, 1), date(2026, 2, 1)
        assert loop == [
            *(
                (january, clock, 0, 20, 0, 0, "follow_ups", False)
                for clock in ("contact", "resolved", "told")
            ),
            (february, "contact", 3, 0, 2, 2, None, True),
            (february, "resolved", 3, 0, 1, 1, None, True),
            (february, "told", 0, 3, 0, 0, "follow_ups", True),
        ]


WORKING_HOURS = """day,opens_at,closes_at
monday,09:00,17:00
tuesday,09:00,17:00
wednesday,09:00,17:00
thursday,09:00,17:00
friday,09:00,17:00
2026-02-16,,
"""
# Eight hours are promised. In Berlin it is an hour later than these say; 13 February was a Friday, and nobody works on Monday the 16th.
IN_WORKING_HOURS = """t1,a,,2026-02-13T15:00:00Z,2026-02-17T15:00:00Z,,,an hour on Friday and seven on Tuesday
t2,a,,2026-02-13T15:00:00Z,2026-02-17T15:00:01Z,,,a second late
t3,b,,2026-02-14T11:00:00Z,2026-02-17T16:00:00Z,,,written on Saturday
t4,b,,2026-02-17T17:00:00Z,,,,after work on Tuesday; Wednesday was long enough
t5,c,,2026-02-18T08:00:01Z,,,,Wednesday was a second too short
t6,c,,2026-02-15T11:00:00Z,2026-02-15T12:00:00Z,,,answered on a Sunday
"""


def test_who_exports_tickets_and_surveys_alone_hears_from_customers_all_the_same(tmp_path: Path) -> None:
    write(
        tmp_path / "exports",
        {
            "plain/desk/tickets_2026-03-20.csv": f"{HEADER}\n{DESK}",
            "plain/desk/survey_invitations_2026-03-20.csv": INVITATIONS,
        },
    )
    write(tmp_path / "reference", REFERENCE)
    told = feedback.Told(tmp_path / "exports", tmp_path / "reference")
    with build(
        tmp_path / "exports",
        tmp_path / "reference",
        tmp_path / "home",
        rooms=["listening", "customer_assets"],
    ) as warehouse:
        wrong = [line for measure in feedback.measures(told) for line in measure.wrong(told.facts, warehouse)]
        assert wrong == []
        count = (
            "select count(*) from listening.{} where period_kind = 'month' and period_start = '2026-02-01'"
        )
        for table in ("issue_volume", "close_the_loop", "survey_pressure"):
            assert warehouse.sql(count.format(table)).fetchall()[0][0] > 0, table
        assert warehouse.sql("select count(*) from customer_assets.customer_math").fetchall() == [(0,)]


ON_OTHER_SCALES = """response_ref,survey_ref,customer_ref,responded_at,metric,score
low-7,effort,a,2026-02-10T09:00:00Z,ces,7
ok-1,effort,b,2026-02-10T09:00:00Z,ces,1
low-4,ten,a,2026-02-10T09:00:00Z,csat,4
ok-5,ten,b,2026-02-10T09:00:00Z,csat,5
low-2,five,a,2026-02-10T09:00:00Z,csat,2
out-0,five,b,2026-02-10T09:00:00Z,csat,0
ok-3,five,c,2026-02-10T09:00:00Z,csat,3
low-3,seven,a,2026-02-10T09:00:00Z,ces,3
ok-4,seven,b,2026-02-10T09:00:00Z,ces,4
out-8,seven,c,2026-02-10T09:00:00Z,ces,8
"""


def test_a_score_is_low_on_its_own_scale(tmp_path: Path) -> None:
    exports = {name: text for name, text in EXPORTS.items() if "customers" in name or "subscriptions" in name}
    write(tmp_path / "exports", exports | {"plain/crm/survey_responses_2026-03-20.csv": ON_OTHER_SCALES})
    declared = "vendor,system,survey,kind,csat_points,ces_version\nplain,crm,effort,transactional,,1.0\nplain,crm,ten,transactional,10,\n"
    write(tmp_path / "reference", {"survey_inventory.csv": declared})
    with build(
        tmp_path / "exports", tmp_path / "reference", tmp_path / "home", rooms=["listening"]
    ) as warehouse:
        told = warehouse.sql(
            "select source_ref, is_low_score from listening.feedback where kind = 'survey_answer' order by all"
        ).fetchall()
    assert told == [
        (ref, ref.startswith("low")) for ref in sorted(r.split(",")[0] for r in ON_OTHER_SCALES.split()[1:])
    ]


PROMISED_BOTH_WAYS = """kind,category,owner,contact_hours,resolve_hours,tell_hours,hours
low_score,,team:care,16,,80,working
low_score,billing,team:finance,48,,,calendar
ticket,,team:desk,8,40,80,working
ticket,price,team:desk,24,48,,
cancellation,,team:sales,72,,720,
"""
OTHER_DAYS = "sunday,00:00,24:00\n2025-12-24,10:30,12:00\n2025-12-27,00:15,13:45\n"


@pytest.mark.parametrize(
    "hours, elapsed, kept, late, overdue, median_hours", [("working", 5, 3, 1, 1, 8), ("", 6, 1, 3, 2, 96)]
)
def test_hours_run_while_the_company_works_where_that_is_promised(
    tmp_path: Path, hours: str, elapsed: int, kept: int, late: int, overdue: int, median_hours: int
) -> None:
    promise = f"kind,owner,contact_hours,hours\nticket,team:desk,8,{hours}\n"
    reference = {"feedback_promise.csv": promise, "working_hours.csv": WORKING_HOURS}
    reference["settings.csv"] = "setting,value\ntime_zone,Europe/Berlin\n"
    write(
        tmp_path / "exports",
        {name: text for name, text in EXPORTS.items() if "customers" in name or "subscr" in name},
    )
    write(tmp_path / "exports", {"plain/desk/tickets_2026-02-18.csv": f"{HEADER}\n{IN_WORKING_HOURS}"})
    write(tmp_path / "reference", reference)
    asked = Asked(as_of_on=date(2026, 2, 18))
    with build(
        tmp_path / "exports", tmp_path / "reference", tmp_path / "home", asked, rooms=["listening"]
    ) as warehouse:
        told = warehouse.sql("""
            select owed_cases, elapsed_cases, kept_cases, late_cases, overdue_cases, median_hours from listening.close_the_loop
            where period_kind = 'month' and owner = 'team:desk' and clock = 'contact' and period_start = '2026-02-01'
        """).fetchall()
    assert told == [(6, elapsed, kept, late, overdue, median_hours)]


def test_the_oracle_says_the_same_of_a_random_company(tmp_path: Path) -> None:
    write(tmp_path / "exports", random_company(random.Random(7)))
    write(
        tmp_path / "reference",
        REFERENCE
        | {"settings.csv": "setting,value\ntime_zone,Asia/Tokyo\nminimum_cell_size,3\n"}
        | {"feedback_promise.csv": PROMISED_BOTH_WAYS, "working_hours.csv": WORKING_HOURS + OTHER_DAYS},
    )
    told = feedback.Told(tmp_path / "exports", tmp_path / "reference")
    with build(
        tmp_path / "exports", tmp_path / "reference", tmp_path / "home", rooms=["listening"]
    ) as warehouse:
        assert [
            line for measure in feedback.measures(told) for line in measure.wrong(told.facts, warehouse)
        ] == []
        emerging = warehouse.sql(
            "select count(*) from listening.issue_volume where emergence_score is not null"
        ).fetchall()
        assert emerging[0][0] > 50


def emergences(
    chance: np.random.Generator,
    mean: float,
    variance: float,
    rise: float = 1,
    months: int = 12,
    of_all: int = 10_000,
) -> float:
    """The share of 5,000 segments in which an issue is said to emerge, with so many items a month, of so many, and then `rise` times
    as many."""
    means = np.full((5000, months + 1), mean)
    means[:, -1] *= rise
    drawn = (
        chance.poisson(means)
        if variance == 1
        else chance.negative_binomial(means / (variance - 1), 1 / variance)
    )
    (model,) = [model for model in models() if model.name == "issue_emergence"]
    with duckdb.connect() as warehouse:
        warehouse.execute("attach ':memory:' as warehouse; use warehouse; create schema waist")
        segments, months_of_all = np.repeat(np.arange(5000), months + 1), np.tile(np.arange(months + 1), 5000)
        counts = {"segment": segments, "nth": months_of_all, "items": drawn.reshape(-1).astype("int64")}
        warehouse.register("counts", pyarrow.table(counts))
        warehouse.execute(f"""
            create table waist.issue_count as
            select 'month' as period_kind, cast(date '2025-01-01' + nth * interval 1 month as date) as period_start,
                cast(segment as varchar) as segment, category, 0 as aided_items,
                cast(case when category = 'all' then {of_all} else items end as bigint) as unaided_items, unaided_items as items
            from counts, (values ('billing'), ('all')) as categories (category)
        """)
        found = warehouse.sql(f"""
            select count(*) filter (where emergence_score >= 3 and counted.items >= 5)
            from ({model.sql}) as tested join waist.issue_count as counted using (period_start, segment, category)
            where period_start = cast(date '2025-01-01' + {months} * interval 1 month as date)
        """)
        return found.fetchall()[0][0] / 5000


def test_chance_alone_makes_an_issue_as_seldom_as_the_card_says() -> None:
    """One in 1,000 where months differ by chance alone, one in 50 where their variance is four times that; and what rises is found."""
    chance = np.random.default_rng(11)
    steady = [emergences(chance, mean, 1, months=months) for mean in (1, 5, 20, 100) for months in (6, 12)]
    restless = [emergences(chance, mean, 4, months=months) for mean in (2, 20) for months in (6, 12)]
    assert np.mean(steady) <= 0.001 and max(steady) <= 0.002
    assert 0.004 <= np.mean(restless) <= 0.02
    assert emergences(chance, 5, 1, rise=4) > 0.8
    # so many that their squares and products have more digits than 64 bits hold
    assert emergences(chance, 1e6, 1, rise=1.1, of_all=10**9) == 1
