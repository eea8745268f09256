"""Who is asked by which tool, how often and what for, of a company that is small enough to be worked out one by one.

Seven people of three accounts, one of them a test account, and two strangers are asked by five tools at random times.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import duckdb
import pytest

from dagster_project.settings import Asked
from tests.company import build
from tests.oracles import listening_path as oracle
from tests.oracles.customer_math import round_half_up
from tests.oracles.listening_path import Answer, Send, Survey
from tests.oracles.tables import differences
from tests.test_who_counts import write

AS_OF = date(2026, 10, 31)
AFTER = date(2025, 10, 31)  # the twelve months up to the as-of day
FIRST_MONTH = date(2025, 6, 1)
STAFF = "desk@ours.example"
PEOPLE = {
    "ann@acme.example": ("a", "gold"),
    "al@acme.example": ("a", "gold"),
    "art@acme.example": ("a", "gold"),
    "bea@bolt.example": ("b", "blue"),
    "bo@bolt.example": ("b", "blue"),
    "cy@core.example": ("test", None),
    "cleo@core.example": ("test", None),
    "zoe@nowhere.example": ("zoe", "unsegmented"),
    "zed@elsewhere.example": ("zed", "unsegmented"),
}
YEARLY = Survey("plain", "shop", "yearly", "relationship", "renew", "team:cco-office", 200, date(2025, 3, 1))
CASE = Survey("plain", "care", "case", "transactional", "renew", "team:care", 60, date(2026, 9, 1), False)
PULSE = Survey("plain", "care", "pulse")
SUPPORT = Survey("delighted", "delighted", "After support", "transactional", "get help", "team:support")
NPS = Survey(
    "qualtrics",
    "qualtrics",
    "Relationship NPS",
    "relationship",
    "renew",
    "team:cco-office",
    30,
    date(2025, 1, 1),
)
WISHES = Survey("surveymonkey", "surveymonkey", "Wishes", is_aligned=False)
EXIT = Survey(
    "qualtrics", "qualtrics", "Exit interview", "transactional", "leave", changed_on=date(2026, 12, 1)
)
SURVEYS = [YEARLY, CASE, PULSE, SUPPORT, NPS, WISHES, EXIT]
DECLARED = [YEARLY, CASE, SUPPORT, NPS, EXIT]
TESTERS = {
    "cy@core.example": "t1",
    "cleo@core.example": "t2",
}  # a test account is known by its own reference alone
THEMES = {"billing": "The invoice again", "faults": "It broke", "price": "Too dear", None: "Hm"}
REFERENCE = {
    "journey_stage.csv": "stage,position\nget help,1\nrenew,2\nleave,3\npay,4\n",
    "touchpoint.csv": "touchpoint,stage\narrival,get help\n",
    "issue_category.csv": "category,journey_stage\nbilling,pay\nfaults,get help\nprice,\n",
    "category_word.csv": "category,word\nbilling,invoice\nfaults,broke\nprice,dear\n",
    "survey_inventory.csv": "vendor,system,survey,kind,journey_stage,owner,cadence_days,csat_points,last_change,last_change_on\n"
    + "".join(
        f"{s.vendor},{s.system if s.vendor == 'plain' else ''},{s.name},{s.kind},{s.stage},{s.owner or ''},{s.cadence_days or ''},"
        f"{10 if s is CASE else ''},{s.changed_on and 'Something'},{s.changed_on or ''}\n".replace("None", "")
        for s in DECLARED
    ),
    "survey_method.csv": "metric,points,wording\nnps,11,HOW  likely\ncsat,5,\nces,7,\n",
    "survey_decision.csv": "vendor,system,survey,decision,decided_by,decided_on,outcome\n"
    "surveymonkey,,Wishes,merge,team:cco-office,2026-10-01,Asked within the yearly survey\n",
    "listening_option.csv": """option,kind,journey_stage,is_used,last_used_on
Leaders take calls,experiential,get help,true,2026-10-14
Mystery shopping,experiential,pay,true,2025-10-31
Ride along,experiential,pay,false,
Forum,unaided,,false,
Shop floor,experiential,,true,
A visit planned,experiential,renew,true,2026-12-01
Panel,aided,get help,false,
""",
    "primary_research.csv": """research,journey_stage,completed_on
Who leaves,leave,2026-01-01
Whole journey,,2025-05-05
Not yet done,pay,2026-12-01
""",
    "fearless_rating.csv": """question,rated_by,rated_on,rating
Bad news is welcome,team:support,2025-01-01,1
Bad news is welcome,team:support,2026-01-01,4
Bad news is welcome,team:sales,2026-01-01,2
We ask who left,team:sales,2026-01-01,4
We ask who left,team:sales,2026-12-01,1
""",
}


def happened(seed: int, sends: int, answers: int) -> tuple[list[Send], list[Answer]]:
    """What the tools did: each send at a moment of its own, its answer some days after, and answers that nobody invited."""
    draw = Random(seed)
    start = datetime(2025, 4, 1, 8, 0)
    sent: list[Send] = []
    for number in range(sends):
        survey = draw.choice([YEARLY, CASE, PULSE, SUPPORT, NPS])
        known = [person for person in PEOPLE if survey is YEARLY or person not in TESTERS]
        person = draw.choice([*known, *known, None if survey.vendor == "plain" else "ann@acme.example"])
        # some people are asked in bursts
        day = draw.choice(
            [draw.randrange(600), 300 + draw.randrange(40), 90 * draw.randrange(7), 182 * draw.randrange(4)]
        )
        moment = start + timedelta(days=day, seconds=number)
        status = "sent" if survey is SUPPORT else draw.choice(["sent"] * 6 + ["bounced", "suppressed"])
        account, segment = PEOPLE.get(person, (None, None))
        answered = (moment + timedelta(days=draw.randrange(1, 9))).date()
        is_answered = (
            status == "sent" and survey is not SUPPORT and draw.random() < (0.08 if survey is CASE else 0.5)
        )
        sent.append(Send(survey, moment, person, account, segment, status, answered if is_answered else None))
    given = [
        Answer(send.survey, send.answered_on, send.person, send.customer, "nps" if send.survey is not CASE else "csat",
               11 if send.survey is not CASE else 10, draw.choice(list(THEMES)), draw.choice(["en", "ja", None]))
        for send in sent if send.answered_on
    ]  # fmt: skip
    for _ in range(answers):
        person = draw.choice([person for person in [*PEOPLE, None] if person not in TESTERS])
        day = (start + timedelta(days=draw.randrange(600))).date()
        account, _ = PEOPLE.get(person, (None, None))
        given.append(Answer(WISHES, day, person, account, "nps", 11))
    return sent, given


def exports(sent: list[Send], given: list[Answer]) -> dict[str, str]:
    """The files that the tools would write of it."""
    day = "2026-12-31"
    files = {
        f"plain/shop/customers_{day}.csv": "customer_ref,kind,name,domain,email,segment,is_test\n"
        "a,organisation,Acme,acme.example,,gold,\nb,organisation,Bolt,bolt.example,,blue,\n"
        "t1,person,Cy,,cy@core.example,,true\nt2,person,Cleo,,cleo@core.example,,true\n",
        f"plain/shop/subscriptions_{day}.csv": "subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval\n"
        "1,a,2025-06-10,2026-05-01,100,EUR,month\n1,a,2026-05-01,,120,EUR,month\n2,b,2025-07-01,,50,EUR,month\n",
        f"plain/shop/purchases_{day}.csv": "purchase_ref,customer_ref,purchased_on,amount,currency\n"
        "1,b,2026-01-10,10,EUR\n2,b,2025-10-31,10,EUR\n3,t1,2026-01-10,10,EUR\n",
        f"plain/shop/touchpoint_events_{day}.csv": "event_ref,touchpoint,customer_ref,occurred_at,conforming\n"
        "1,arrival,a,2026-03-03T09:00:00Z,true\n2,arrival,a,2025-10-31T09:00:00Z,true\n3,crate,b,2026-03-03T09:00:00Z,true\n"
        "4,arrival,b,2026-11-03T09:00:00Z,true\n5,arrival,t1,2026-03-03T09:00:00Z,true\n",
        f"plain/shop/tickets_{day}.csv": "ticket_ref,customer_ref,opened_at,verbatim\n6,t1,2026-02-02T09:00:00Z,My invoice\n",
        f"plain/care/tickets_{day}.csv": "ticket_ref,email,opened_at,verbatim\n"
        "1,ann@acme.example,2026-02-02T09:00:00Z,The invoice\n2,al@acme.example,2026-02-03T09:00:00Z,The invoice again\n"
        "3,bo@bolt.example,2026-02-04T09:00:00Z,Hello\n4,bo@bolt.example,2025-10-31T09:00:00Z,An invoice\n"
        "5,bo@bolt.example,2026-11-04T09:00:00Z,An invoice\n",
    }
    for system in ("shop", "care"):
        invited = "invitation_ref,survey_ref,customer_ref,email,sent_at,status\n"
        answered = (
            "response_ref,survey_ref,invitation_ref,email,responded_at,metric,score,verbatim,language\n"
        )
        for number, send in enumerate(sent):
            if send.survey.system == system:
                who = f"{TESTERS[send.person]}," if send.person in TESTERS else f",{send.person or ''}"
                invited += f"i{number},{send.survey.name},{who},{send.sent_at:%FT%TZ},{send.status}\n"
        for number, answer in enumerate(given):
            if answer.survey.system == system:
                invitation = next(
                    n for n, send in enumerate(sent) if send.answered_on and sent_as(send, answer)
                )
                sent[invitation] = replace(sent[invitation], status="told")  # each is answered once
                answered += (
                    f"r{number},{answer.survey.name},i{invitation},,{answer.answered_on}T10:00:00Z,{answer.metric},3,"
                    f"{THEMES[answer.theme]},{answer.language or ''}\n"
                )
        files[f"plain/{system}/survey_invitations_{day}.csv"] = invited
        files[f"plain/{system}/survey_responses_{day}.csv"] = answered
    return files | qualtrics(sent, given, day) | delighted(sent, day) | surveymonkey(given, day)


def sent_as(send: Send, answer: Answer) -> bool:
    return (
        send.survey == answer.survey
        and send.person == answer.person
        and send.answered_on == answer.answered_on
        and send.status == "sent"
    )


# of which the later ones go back to the words of the first; the newest export of all does too
EARLIER_WORDS = {
    "2026-06-01": "How likely?",
    "2026-07-01": "Would you tell a friend?",
    "2026-08-01": "Would you tell a friend?",
    "2026-09-01": "How likely?",
}


def qualtrics(sent: list[Send], given: list[Answer], day: str) -> dict[str, str]:
    ids = {person: f"CID_{number}" for number, person in enumerate(PEOPLE)}
    contacts = "contact_id,first_name,last_name,email,external_reference,directory_unsubscribed,directory_unsubscribed_at\n"
    for person, contact in ids.items():
        out = {"al@acme.example": "true,2026-01-05T00:00:00Z", "bea@bolt.example": "true,"}.get(
            person, "false,"
        )
        contacts += f"{contact},,,{person},,{out}\n"
    mailings = "distribution_id,request_type,send_date,survey_id\n"
    recipients = "distribution_id,contact_id,status,sent_at,response_id\n"
    responses = (
        "StartDate,EndDate,Status,Progress,Finished,RecordedDate,ResponseId,UserLanguage,NPS,Q2_TEXT\n"
    )
    responses += (
        "Start,End,Type,Progress,Finished,Recorded,Id,Language,How likely?,Why?\n"
        + "{},{},{},{},{},{},{},{},{},{}\n"
    )
    status = {"sent": "Success", "bounced": "HardBounce", "suppressed": "Blocked"}
    open_answers = [answer for answer in given if answer.survey is NPS]
    for number, send in enumerate(sent):
        if send.survey is not NPS:
            continue
        mailings += f"EMD_{number},Invite,{send.sent_at:%FT%TZ},SV_1\n"
        response = ""
        if send.answered_on:
            answer = next(one for one in open_answers if sent_as(send, one))
            open_answers.remove(answer)
            response = f"R_{number}"
            moment = f"{send.answered_on} 10:00:00"
            responses += f"{moment},{moment},0,100,1,{moment},{response},{answer.language or ''},9,{THEMES[answer.theme]}\n"
        recipients += (
            f"EMD_{number},{ids[send.person]},{status[send.status]},{send.sent_at:%FT%TZ},{response}\n"
        )
    return {
        f"qualtrics/contacts_{day}.csv": contacts,
        f"qualtrics/distributions_{day}.csv": mailings,
        f"qualtrics/distribution_contacts_{day}.csv": recipients,
        f"qualtrics/surveys_{day}.csv": "id,name,isActive,ownerId,lastModified,creationDate\nSV_1,Relationship NPS,true,,2025-01-01,\n",
        f"qualtrics/Relationship NPS_{day}.csv": responses,
        **{
            f"qualtrics/Relationship NPS_{earlier}.csv": "\n".join(
                responses.replace("How likely?", words).splitlines()[: 4 + extracts]
            )
            for extracts, (earlier, words) in enumerate(EARLIER_WORDS.items())
        },
    }  # fmt: skip


def delighted(sent: list[Send], day: str) -> dict[str, str]:
    """A person's record tells the last time alone, so there is an extract for each."""
    ids = {person: number for number, person in enumerate(PEOPLE)}
    files = {
        f"delighted/After support unsubscribes-{day}.csv": "Person ID,Email Address,Name,Unsubscribed At\n"
        f"{ids['ann@acme.example']},ann@acme.example,,2026-02-01T00:00:00Z\n{ids['zoe@nowhere.example']},zoe@nowhere.example,,2026-02-01T00:00:00Z\n"
    }
    times = {
        person: [send.sent_at for send in sent if send.survey is SUPPORT and send.person == person]
        for person in ids
    }
    for nth in range(max(map(len, times.values()))):
        rows = "".join(
            f"{ids[person]},,{person},2025-01-01,{sorted(moments)[nth]:%FT%TZ}\n"
            for person, moments in times.items()
            if nth < len(moments)
        )
        files[f"delighted/After support people-2026-12-{nth + 1:02d}.csv"] = (
            f"Person ID,Name,Email Address,Created At,Last Sent At\n{rows}"
        )
    return files


def surveymonkey(given: list[Answer], day: str) -> dict[str, str]:
    rows = "Respondent ID,Collector ID,Start Date,End Date,Email Address,How likely are you to recommend us?\n,,,,,Response\n"
    for number, answer in enumerate(answer for answer in given if answer.survey is WISHES):
        moment = f"{answer.answered_on:%m/%d/%Y} 10:00:00 AM"
        rows += f"{number + 1},7,{moment},{moment},{answer.person or ''},9\n"
    return {f"surveymonkey/Wishes_{day}.csv": rows}


@pytest.fixture(scope="module")
def facts() -> tuple[list[Send], list[Answer]]:
    return happened(seed=20, sends=260, answers=40)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, facts) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("listening")
    write(folder / "exports", exports(list(facts[0]), list(facts[1])))
    write(folder / "reference", REFERENCE)
    with build(
        folder / "exports", folder / "reference", folder / "home", Asked(as_of_on=AS_OF), rooms=["listening"]
    ) as built:
        yield built


@pytest.fixture(scope="module")
def counted(facts) -> tuple[list[Send], list[Answer]]:
    """Those that count: up to the as-of day, and of no test account."""
    sent, given = facts
    return (
        [send for send in sent if send.sent_at.date() <= AS_OF and send.customer != "test"],
        [answer for answer in given if answer.answered_on <= AS_OF and answer.customer != "test"],
    )


def rows(warehouse: duckdb.DuckDBPyConnection, table: str) -> list[dict]:
    found = warehouse.execute(f"from listening.{table}")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def rounded(row: dict) -> dict:
    return {
        name: round_half_up(value, 6) if isinstance(value, Fraction) else value for name, value in row.items()
    }


def test_pressure_is_that_of_all_tools_together(warehouse, counted):
    expected = [rounded(row) for row in oracle.pressure(counted[0], FIRST_MONTH, AS_OF)]
    assert differences(expected, rows(warehouse, "survey_pressure"), oracle.PRESSURE_KEY) == []
    years = [
        row
        for row in expected
        if row["period_kind"] == "year" and row["vendor"] == "all" and row["segment"] == "all"
    ]
    assert min(row["breaches_across_surveys"] for row in years) > 0
    assert any(row["breaches"] > row["breaches_across_surveys"] for row in years)
    assert all(row["breaches"] < row["asks"] for row in years)


def test_whoever_opted_out_and_is_asked_all_the_same_is_told(warehouse, counted):
    out = [
        ("qualtrics", "qualtrics", "al@acme.example", datetime(2026, 1, 5)),
        ("delighted", "delighted", "ann@acme.example", datetime(2026, 2, 1)),
        ("delighted", "delighted", "zoe@nowhere.example", datetime(2026, 2, 1)),
    ]
    expected = oracle.leaks(counted[0], out)
    found = rows(warehouse, "opt_out_leaks")
    assert expected == sorted(
        ((row["vendor"], row["system"], row["survey_ref"]), row["sent_on"],
         (row["opted_out_vendor"], row["opted_out_system"]), row["opted_out_on"])
        for row in found
    )  # fmt: skip
    assert {row["is_same_tool"] for row in found} == {True, False}
    assert all(row["days_since_opt_out"] == (row["sent_on"] - row["opted_out_on"]).days for row in found)
    assert all(row["is_same_tool"] == (row["vendor"] == row["opted_out_vendor"]) for row in found)


def test_the_inventory_has_what_is_declared_and_what_runs(warehouse, counted):
    expected = list(oracle.inventory(SURVEYS, DECLARED, *counted, AS_OF))
    found = rows(warehouse, "listening_inventory")
    assert differences(expected, found, ("vendor", "system", "survey_ref")) == []
    by_name = {row["survey_ref"]: row for row in found}
    assert {name: row["state"] for name, row in by_name.items()} == {
        "yearly": "running", "case": "running", "pulse": "running", "After support": "running",
        "Relationship NPS": "stale", "Wishes": "running", "Exit interview": "silent",
    }  # fmt: skip
    assert by_name["Wishes"]["missing_source"] == "what was sent" and not by_name["Wishes"]["is_declared"]
    assert by_name["Relationship NPS"]["wording"] == "How likely?"
    assert by_name["Relationship NPS"]["wording_changes"] == 2
    assert by_name["Relationship NPS"]["wording_changed_on"] == date(2026, 9, 1)


def test_each_version_of_the_words_is_told_with_its_exports(warehouse):
    found = warehouse.execute("""
        select version, wording, first_exported_on, last_exported_on, is_current from listening.survey_wordings
        where survey_ref = 'Relationship NPS' and metric = 'nps' order by version
    """).fetchall()
    friends, likely = "Would you tell a friend?", "How likely?"
    assert [row[:3] for row in found] == [
        (1, likely, date(2026, 6, 1)), (2, friends, date(2026, 7, 1)), (3, likely, date(2026, 9, 1)),
    ]  # fmt: skip
    assert [row[3] for row in found][:2] == [date(2026, 6, 1), date(2026, 8, 1)] and found[2][3] > AS_OF
    assert [row[4] for row in found] == [False, False, True]


def test_what_speaks_for_asking_no_more_is_counted(warehouse, counted):
    states = {
        (row["vendor"], row["system"], row["survey_ref"]): row["state"]
        for row in rows(warehouse, "listening_inventory")
    }
    expected = list(oracle.decisions(SURVEYS, *counted, AFTER, AS_OF, states))
    found = rows(warehouse, "listening_decisions")
    assert differences(expected, found, ("vendor", "system", "survey_ref")) == []
    by_name = {row["survey_ref"]: row for row in found}
    assert by_name["Wishes"]["decision"] == "merge" and by_name["yearly"]["decision"] is None
    assert {row["recommendation"] for row in found} == {"keep", "merge", "pause", "stop"}
    for part in ("is_stale_insight", "is_without_action", "is_low_response", "is_redundant"):
        assert {row[part] for row in found} >= {True, False}, part


def test_who_is_heard_where(warehouse, counted):
    found = {(row["stage"], row["kind"]): row for row in rows(warehouse, "listening_coverage")}
    assert len(found) == 6 * 4
    _, given = counted
    for stage, surveys in {
        "get help": (SUPPORT,),
        "renew": (YEARLY, NPS, CASE),
        "no stage": (PULSE, WISHES),
        "leave": (EXIT,),
    }.items():
        heard = [answer for answer in given if answer.survey in surveys and answer.answered_on > AFTER]
        row = found[stage, "aided"]
        assert row["times_heard"] == len(heard)
        assert row["sources"] == len({answer.survey for answer in heard})
        assert row["customers_heard"] == len({answer.customer for answer in heard} - {None})
        assert row["last_heard_on"] == max((answer.answered_on for answer in heard), default=None)
        assert row["is_gap"] == (not heard)
    assert [key for key, row in found.items() if row["is_pile_up"]] == [("renew", "aided")]
    shown = {
        key: (
            row["sources"],
            row["times_heard"],
            row["customers_heard"],
            row["unused_options"],
            row["is_gap"],
        )
        for key, row in found.items()
    }
    assert shown["pay", "unaided"] == (
        1,
        2,
        1,
        0,
        False,
    )  # two invoices of one account in the year; not the test account's
    assert shown["no stage", "unaided"] == (1, 1, 1, 1, False)
    assert shown["get help", "behavioural"] == (1, 1, 1, 0, False)
    assert shown["no stage", "behavioural"] == (
        3,
        3,
        2,
        0,
        False,
    )  # a crate, a dearer contract, something bought
    assert shown["get help", "experiential"] == (1, 0, 0, 0, False)
    assert shown["pay", "experiential"] == (0, 0, 0, 1, True)  # used just twelve months ago
    assert shown["renew", "experiential"] == (0, 0, 0, 0, True)  # not yet
    assert shown["all", "experiential"] == (2, 0, 0, 1, False)
    assert shown["get help", "aided"][3] == 1
    ages = {stage: found[stage, "aided"]["research_age_days"] for stage, _ in found}
    whole, leaving = (AS_OF - date(2025, 5, 5)).days, (AS_OF - date(2026, 1, 1)).days
    assert ages == {
        "all": leaving,
        "leave": leaving,
        "pay": whole,
        "get help": whole,
        "renew": whole,
        "no stage": whole,
    }
    rating = found["all", "aided"]
    assert (rating["fearless_ratings"], rating["fearless_points"], rating["fearless_rating"]) == (
        3,
        10,
        Decimal("3.333333"),
    )
    assert found["pay", "aided"]["fearless_rating"] is None
    assert (rating["answered_surveys"], rating["aligned_surveys"], rating["method_conformance"]) == (
        5,
        3,
        Decimal("0.6"),
    )
    assert found["pay", "aided"]["answered_surveys"] is None


def test_a_company_without_surveys_says_so_and_is_heard_all_the_same(tmp_path):
    files = {name: text for name, text in exports([], []).items() if "tickets" in name or "shop/customers" in name
             or "subscriptions" in name or "touchpoint" in name or "purchases" in name}  # fmt: skip
    write(tmp_path / "exports", files)
    tables = {
        name: REFERENCE[name]
        for name in ("journey_stage.csv", "touchpoint.csv", "issue_category.csv", "category_word.csv")
    }
    write(tmp_path / "reference", tables)
    with build(
        tmp_path / "exports",
        tmp_path / "reference",
        tmp_path / "home",
        Asked(as_of_on=AS_OF),
        rooms=["listening"],
    ) as built:
        (only,) = rows(built, "listening_inventory")
        assert only["survey_ref"] is None and only["sends"] is None and only["missing_source"] == "any survey"
        coverage = {(row["stage"], row["kind"]): row for row in rows(built, "listening_coverage")}
        assert (
            coverage["pay", "aided"]["missing_source"] == "any survey" and coverage["pay", "aided"]["is_gap"]
        )
        assert coverage["pay", "unaided"]["times_heard"] == 2
        assert coverage["get help", "behavioural"]["times_heard"] == 1
        assert coverage["all", "experiential"]["missing_source"] == "listening_option.csv"
        assert coverage["all", "aided"]["research_age_days"] is None
        for table in ("survey_pressure", "opt_out_leaks", "listening_decisions"):
            assert rows(built, table) == []
