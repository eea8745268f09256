"""What is said against a survey has to be known of it: an honest one is accused of nothing, a new one is not stopped, and a score is
no sharper than those asked make it. One company, each survey worked out by hand, built once.

Numbers count up to 31 October 2026.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest

from dagster_project.settings import Asked
from tests.company import build
from tests.oracles import surveys
from tests.oracles.surveys import read_heard
from tests.oracles.tables import told
from tests.test_who_counts import write

AS_OF = date(2026, 10, 31)
DAY = date(2026, 3, 1)
PEOPLE = 240
INVITED = "invitation_ref,survey_ref,customer_ref,sent_at,status\n"
ANSWERED = "response_ref,survey_ref,invitation_ref,customer_ref,responded_at,metric,score\n"
MET = "event_ref,touchpoint,customer_ref,occurred_at,conforming\n"
REFERENCE = {
    "settings.csv": "setting,value\nminimum_cell_size,3\n",
    "journey_stage.csv": "stage,position\nbuy,1\nuse,2\nrenew,3\n",
    "survey_inventory.csv": "vendor,system,survey,kind,journey_stage\n"
    "plain,,one,transactional,buy\nplain,,two,transactional,buy\nplain,,three,transactional,use\nplain,,four,transactional,use\n"
    "plain,,alone,transactional,renew\nplain,,brand new,transactional,\n",
}


def moment(day: date, hour: int | None) -> str:
    return f"{day}" if hour is None else f"{day}T{hour:02d}:00:00Z"


class Tool:
    """Files of the in-house system, row by row."""

    def __init__(self) -> None:
        self.invited, self.answered, self.met, self.number = INVITED, ANSWERED, MET, 0

    def ask(self, survey: str, customer: int, day: date, hour: int | None = 8, status: str = "sent") -> str:
        self.number += 1
        self.invited += f"i{self.number},{survey},c{customer},{moment(day, hour)},{status}\n"
        return f"i{self.number}"

    def answer(
        self,
        survey: str,
        customer: int,
        day: date,
        score: int,
        hour: int | None = 9,
        to: str = "",
        metric: str = "nps",
    ) -> None:
        self.number += 1
        self.answered += f"r{self.number},{survey},{to},c{customer},{moment(day, hour)},{metric},{score}\n"

    def meet(self, touchpoint: str, customer: int, day: date, is_good: bool, hour: int | None) -> None:
        self.number += 1
        self.met += f"e{self.number},{touchpoint},c{customer},{moment(day, hour)},{str(is_good).lower()}\n"


def picked(tool: Tool) -> None:
    """Twenty customers each who fare well and badly: the first answer on the day they are asked, the others a day later."""
    for n in range(40):
        is_good, day = n < 20, DAY + timedelta(days=n)
        answered_on, score = (day, 10) if is_good else (day + timedelta(days=1), 2)
        tool.answer("honest", n, answered_on, score, to=tool.ask("honest", n, day))
        # a clock of the tool that is an hour behind
        tool.answer("clocks", 40 + n, answered_on, score, hour=9, to=tool.ask("clocks", 40 + n, day, hour=10))
        # days alone, and no word of which invitation is answered
        for survey, sent, given in (("days", None, None), ("sent on", None, 9), ("given on", 8, None)):
            tool.ask(survey, 80 + n, day, hour=sent)
            tool.answer(survey, 80 + n, answered_on, score, hour=given)
        # asked in the morning of a day on which all goes well; and after it
        for touchpoint, hour in (("early", 15), ("late", 7), ("whole day", None), ("afternoon", 15)):
            tool.meet(touchpoint, 120 + n, day, is_good, hour)
        if is_good:
            tool.ask("morning", 120 + n, day, hour=8)
            tool.ask("no hour", 120 + n, day, hour=None)


def asked(tool: Tool) -> None:
    """Whose answers come from whom a survey asked, and whose do not."""
    june, july = date(2026, 6, 1), date(2026, 7, 3)
    surveys = {
        "forwarded": ([200, 201, 202], [210, 211, 212], july - timedelta(days=2)),
        "partly": ([200, 201, 202, 203], [200, 201, 212], july - timedelta(days=2)),
        "wholly": ([200, 201, 202], [200, 201, 202], july - timedelta(days=2)),
        "earlier": ([200, 201, 202, 203], [200, 201, 202], date(2026, 7, 1)),
    }
    for survey, (invited, answering, day) in surveys.items():
        for n in invited:
            tool.ask(survey, n, day)
        for n, score in zip(answering, (9, 9, 2), strict=True):
            tool.answer(survey, n, july, score)
    # one of those who answer was asked more than twelve months before, one afterwards, one was held back
    tool.ask("earlier", 204, date(2025, 7, 31))
    tool.answer("earlier", 204, july, 9)
    for n, day in ((200, june), (201, june), (202, june), (203, date(2026, 8, 1))):
        tool.ask("afterwards", n, day)
    for n in (200, 201, 203):
        tool.answer("afterwards", n, july, 9 if n < 203 else 2)
    # an answer that the scale does not have is nobody's score
    for n, score in ((200, 5), (201, 4), (202, 1), (203, 9)):
        tool.ask("odd", n, june)
        tool.answer("odd", n, july, score, metric="csat")
    for n in (200, 201, 202):
        tool.ask("held back", n, june)
    tool.ask("held back", 203, june, status="suppressed")
    for n in (200, 201, 203):
        tool.answer("held back", n, july, 9 if n < 203 else 2)
    # 220 was small when it was asked; 221 to 223 were big
    for n in (220, 221, 222, 223):
        tool.ask("moved", n, date(2026, 2, 1))
    for n, score in ((220, 9), (221, 9), (222, 2)):
        tool.answer("moved", n, july, score)
    for day in (2, 9):
        tool.ask("twice", 224, date(2026, 7, day))


def weighed(tool: Tool) -> None:
    """What speaks for asking no more."""
    for n in range(40):
        tool.ask("brand new", n, date(2026, 10, 30))
    for n in range(3):
        tool.ask("over", n, date(2026, 10, 1))
    for n in range(2):
        tool.ask("few", n, date(2026, 9, 1))
    for n in range(20):
        tool.answer("over", 20 + n, date(2026, 10, 4), 9, to=tool.ask("over", 20 + n, date(2026, 10, 2)))
    for survey, met in (
        ("one", 1),
        ("two", 3),
        ("three", 3),
        ("four", 3),
        ("fifth", 3),
        ("sixth", 3),
        ("alone", 1),
    ):
        for n in range(met):
            tool.answer(survey, 230 + n, date(2026, 9, 9), 9)


def qualtrics() -> dict[str, str]:
    """Answers noted an hour before the mailing that they answer, which names them."""
    contacts = (
        "contactId,firstName,lastName,email,phone,extRef,directoryUnsubscribed,directoryUnsubscribeDate\n"
    )
    recipients = "distributionId,contactId,status,sentAt,openedAt,responseStartedAt,responseCompletedAt,responseId,contact_frequency_rule_id\n"
    answers = "StartDate,EndDate,Status,Progress,Finished,RecordedDate,ResponseId,RecipientEmail,NPS\n"
    answers += "Start,End,Type,Progress,Finished,Recorded,Id,Mail,How likely?\n{},{},{},{},{},{},{},{},{}\n"
    mailings = "id,requestType,sendDate,surveyId\n"
    for n in range(160, 200):
        is_good, day = n < 180, DAY + timedelta(days=n - 160)
        answered = f"{day if is_good else day + timedelta(days=1)} 09:00:00"
        contacts += f"CID_{n},,,p{n}@m{n}.example,,,false,\n"
        mailings += f"EMD_{n},Invite,{day}T10:00:00Z,SV_1\n"
        recipients += f"EMD_{n},CID_{n},SurveyFinished,{day}T10:00:00Z,,,,R_{n},\n"
        answers += (
            f"{answered},{answered},0,100,1,{answered},R_{n},p{n}@m{n}.example,{10 if is_good else 2}\n"
        )
    return {
        "qualtrics/surveys_2026-10-31.csv": "id,name,isActive,ownerId,lastModified,creationDate\n"
        "SV_1,Mailing,true,UR_1,2026-03-01T15:00:00Z,2023-08-03T15:00:00Z\n",
        "qualtrics/contacts_2026-10-31.csv": contacts,
        "qualtrics/distributions_2026-10-31.csv": mailings,
        "qualtrics/distribution_contacts_2026-10-31.csv": recipients,
        "qualtrics/Mailing_2026-10-31.csv": answers,
    }


def delighted() -> dict[str, str]:
    """A project of customers, and one that employees alone answer."""
    sent = int((datetime(2026, 9, 1, 8) - datetime(1970, 1, 1)).total_seconds())
    files = {}
    for project, first, kind, address in (
        ("Help", 100, "nps", "p{0}@m{0}.example"),
        ("Team", 900, "enps", "e{0}@own.example"),
    ):
        people = [
            {
                "id": str(first + n),
                "email": address.format(n),
                "created_at": sent - 9999,
                "last_sent_at": sent,
            }
            for n in range(4)
        ]
        answers = [
            {"id": str(first + 50 + n), "person": str(first + n), "survey_type": kind, "score": 9, "comment": "",
             "created_at": sent + 9999, "updated_at": sent + 9999} for n in range(3)
        ]  # fmt: skip
        files |= {
            f"delighted/{project} people-2026-10-31.json": json.dumps(people),
            f"delighted/{project}-2026-10-31.json": json.dumps(answers),
        }
    return files


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder, tool = tmp_path_factory.mktemp("signs"), Tool()
    picked(tool)
    asked(tool)
    weighed(tool)
    # of three occasions on one day, an invitation between them follows the one before it; what is held back follows none
    for hour, is_good in ((9, False), (11, True), (15, False)):
        tool.meet("counter", 225, DAY, is_good, hour)
    tool.ask("counter", 225, DAY, hour=12)
    tool.meet("counter", 226, DAY, False, 9)
    tool.ask("counter", 226, DAY, hour=12, status="suppressed")
    customers = {
        f"plain/customers_{day}.csv": "customer_ref,kind,name,email,segment,created_at\n"
        + "".join(
            f"c{n},person,P{n},p{n}@m{n}.example,{small if n == 220 else 'big'},2024-01-01\n"
            for n in range(PEOPLE)
        )
        for day, small in (("2026-01-01", "small"), ("2026-05-01", "big"))
    }
    write(
        folder / "exports",
        customers
        | qualtrics()
        | delighted()
        | {
            "plain/survey_invitations_2026-10-31.csv": tool.invited,
            "plain/survey_responses_2026-10-31.csv": tool.answered,
            "plain/touchpoint_events_2026-10-31.csv": tool.met,
        },
    )
    write(folder / "reference", REFERENCE)
    with build(
        folder / "exports", folder / "reference", folder / "home", Asked(as_of_on=AS_OF), rooms=["listening"]
    ) as built:
        yield built


def test_the_oracle_says_the_same(warehouse: duckdb.DuckDBPyConnection) -> None:
    for measure in surveys.measures(read_heard(warehouse)):
        if measure.name in ("survey_scores", "gaming_signs"):
            wrong = measure.wrong(None, warehouse)
            assert not wrong, told(wrong)


@pytest.mark.parametrize("survey", ["honest", "clocks", "days", "sent on", "given on", "Mailing"])
def test_an_invitation_does_not_follow_its_own_answer(
    warehouse: duckdb.DuckDBPyConnection, survey: str
) -> None:
    """Whoever is content answers at once: that is no choice of whom to ask."""
    sign = warehouse.execute(
        "select is_sign, cases, why_unknown from listening.gaming_signs"
        " where sign = 'cherry_picked_invitations' and survey_ref = ?",
        [survey],
    ).fetchall()
    assert sign == [(None, 0, "fewer than 20 cases")]


def test_an_invitation_follows_what_came_before_it_that_day(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Asked at 8: after what happened at 7, not after what happens at 15. Where one of them tells no hour, the day decides."""
    found = warehouse.sql("""
        select survey_ref, occasion, good_occasions, occasions, good_invited, invited from waist.survey_occasion
        where survey_ref in ('morning', 'no hour', 'counter') order by all""").fetchall()
    followed = (20, 40, 20, 20)
    assert found == [
        ("counter", "event at counter", 1, 4, 1, 1),
        ("morning", "event at late", *followed), ("morning", "event at whole day", *followed),
        *(("no hour", f"event at {touchpoint}", *followed) for touchpoint in ("afternoon", "early", "late", "whole day")),
    ]  # fmt: skip
    signs = warehouse.sql("""
        select survey_ref from listening.gaming_signs where sign = 'cherry_picked_invitations' and is_sign order by all""")
    assert signs.fetchall() == [("morning",), ("no hour",)]


def test_a_margin_is_of_those_who_were_asked(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A score of others is no part of those asked, however many these are: it is no surer for that."""
    found = warehouse.sql("""
        select survey_ref, respondents, population, nps_margin, is_finite_population from listening.survey_scores
        where period_kind = 'month' and unit = 'person' and segment = 'all'
            and survey_ref in ('forwarded', 'partly', 'wholly', 'earlier', 'afterwards', 'held back') order by all""").fetchall()
    endless = Decimal("106.688887")
    assert found == [
        ("afterwards", 3, None, endless, False), ("earlier", 4, None, Decimal("84.870490"), False), ("forwarded", 3, None, endless, False),
        ("held back", 3, None, endless, False), ("partly", 3, None, endless, False), ("wholly", 3, 3, 0, True),
    ]  # fmt: skip
    accounts = warehouse.sql("""
        select survey_ref, population, is_finite_population from listening.survey_scores
        where period_kind = 'month' and unit = 'account' and segment = 'all' and survey_ref in ('forwarded', 'wholly')
        order by all""")
    assert accounts.fetchall() == [("forwarded", None, False), ("wholly", 3, True)]


def test_an_answer_outside_the_scale_is_no_respondent_that_was_asked(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.sql("""
        select respondents, out_of_scale_answers, population, is_finite_population from listening.survey_scores
        where survey_ref = 'odd' and period_kind = 'month' and segment = 'all' order by all""").fetchall()
    assert found == [(3, 0, 4, True), (3, 1, 4, True)]


def test_whoever_moved_was_asked_in_another_segment(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Three of four big ones were asked as big, and one of these is silent: three answers are not all of them."""
    found = warehouse.sql("""
        select unit, segment, respondents, population, nps_margin > 0 from listening.survey_scores
        where survey_ref = 'moved' and period_kind = 'month' order by all""").fetchall()
    assert found == [
        (unit, segment, 3, population, True) for unit in ("account", "person") for segment, population in (("all", 4), ("big", None))
    ]  # fmt: skip


def test_who_is_asked_twice_in_a_month_counts_once(warehouse: duckdb.DuckDBPyConnection) -> None:
    kept = warehouse.sql(
        "select unit, until_number - from_number from waist.survey_asked where survey_ref = 'twice' order by all"
    )
    assert kept.fetchall() == [("account", 12), ("person", 12)]


def decided(warehouse: duckdb.DuckDBPyConnection, columns: str, *names: str) -> list[tuple]:
    return warehouse.execute(
        f"select survey_ref, {columns} from listening.listening_decisions where list_contains(?, survey_ref) order by survey_ref",
        [list(names)],
    ).fetchall()


def test_a_survey_in_the_field_is_not_unanswered(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Forty were asked yesterday. Of another survey three did not answer in 30 days; who answered earlier is not weighed yet."""
    columns = "is_low_response, answered_12_months, sends_12_months, response_rate_12_months"
    assert decided(warehouse, columns, "brand new", "few", "over") == [
        ("brand new", None, 0, 0, None), ("few", None, 0, 2, None), ("over", True, 0, 3, 0),
    ]  # fmt: skip
    missing = "themes of three quarters, enough sends 30 days old, its stage"
    assert decided(warehouse, "recommendation, missing_source", "brand new") == [
        ("brand new", "pause", missing)
    ]


def test_whose_answers_name_no_invitation_is_not_said_to_be_unanswered(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    columns = "is_low_response, answered_12_months, sends_12_months, response_rate_12_months, split_part(missing_source, ', ', 2)"
    assert decided(warehouse, columns, "wholly") == [
        ("wholly", None, None, 3, None, "which invitation an answer is to"),
    ]  # fmt: skip


def test_two_surveys_are_merged_where_enough_people_met_both_at_one_stage(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    columns = "is_redundant, recommendation = 'merge', overlapping_survey, people_12_months, split_part(missing_source, ', ', 3)"
    assert decided(warehouse, columns, "one", "two", "three", "four", "fifth", "sixth", "alone") == [
        ("alone", False, False, None, None, "who was asked"),
        ("fifth", None, False, None, None, "its stage"),
        ("four", True, True, "plain/plain/three", 3, "who was asked"),
        ("one", None, False, "plain/plain/two", 1, "enough people"),
        ("sixth", None, False, None, None, "its stage"),
        ("three", True, True, "plain/plain/four", 3, "who was asked"),
        ("two", False, False, "plain/plain/one", 3, "who was asked"),
    ]


def test_what_employees_are_asked_is_no_survey_of_customers(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = "select survey_ref, sends, answers from listening.listening_inventory where vendor = 'delighted'"
    assert warehouse.sql(found).fetchall() == [("Help", 4, 3)]
    quality = "select distinct survey_ref from listening.response_quality where vendor = 'delighted'"
    assert warehouse.sql(quality).fetchall() == [("Help",)]
    assert (
        warehouse.sql("select source_ref from waist.party_record where domain = 'own.example'").fetchall()
        == []
    )
