"""Who has answered, whatever the answer holds and whoever was asked: one company of which all can be told by hand.

Everybody is a customer from 2024 on and pays 10 a month, but for those who are said to leave. The as-of day is 31 October 2026.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pytest

from dagster_project.settings import Asked
from tests.company import build
from tests.oracles import surveys
from tests.oracles.surveys import read_heard
from tests.oracles.tables import told
from tests.test_who_counts import write

AS_OF, DAY = date(2026, 10, 31), "2026-11-15"
PEOPLE = 60
EXIT_SENT = date(2025, 6, 10)
SPANS = {  # everybody else stays
    **{n: ("2024-01-01", "2025-06-05") for n in range(30, 35)},  # left before they were asked
    35: ("2024-01-01", "2025-06-10"),  # left on the day
    36: ("2024-01-01", "2025-07-01"),
    37: ("2025-06-10", ""),  # came on the day
    38: ("2025-06-11", ""),  # came the day after
}
INVITED = {  # invitation: survey, customer, day
    **{f"noref{n}": ("noref", n, "2026-08-01") for n in range(14, 18)},
    **{f"nobody{n}": ("nobody", n, "2026-08-01") for n in range(14, 18)},
    "forwarded": ("forwarded", 20, "2026-05-01"),
    "panel": ("panel", 22, "2024-05-01"),
    **{f"exit{n}": ("exit", n, EXIT_SENT) for n in range(30, 39)},
}
ANSWERED = [  # survey, invitation, customer, day
    *(("noref", "", n, "2026-08-03") for n in range(14, 18)),
    ("forwarded", "forwarded", 21, "2026-05-02"),
    ("panel", "panel", "", "2024-05-02"),
    ("panel", "panel", "", "2026-09-02"),
    *(("exit", f"exit{n}", "", "2025-06-11") for n in range(30, 39)),
]
HEADER = "StartDate,EndDate,Status,Progress,Finished,RecordedDate,ResponseId,RecipientEmail,NPS,Q2_TEXT\n"
HEADER += (
    "Start,End,Type,Progress,Finished,Recorded,Id,Mail,How likely?,Why?\n" + ",".join(["{}"] * 10) + "\n"
)
# contact: what became of the invitation, when it was completed, and its response
DIRECTORY = {
    40: ("SurveyStarted", "", "R_words"),  # left before the end, with words
    41: ("SurveyFinished", "", "R_bare"),  # to the end, without a score
    42: ("SurveyFinished", "2026-09-03T10:00:00Z", ""),  # the tool tells no more
    43: ("Success", "", ""),
    44: ("SurveyFinished", "2026-11-03T10:00:00Z", ""),  # not yet
    45: ("SurveyStarted", "", "R_nothing"),  # left before the end, without a word
}


def epoch(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def qualtrics(survey: str, exported: str, rows: list[tuple[str, int, int | str, str, str]]) -> dict[str, str]:
    """(response, progress, customer, score, words) of each."""
    lines = "".join(
        f"2026-09-02 10:00:00,2026-09-02 10:00:00,0,{progress},{int(progress == 100)},2026-09-02 10:00:00,{response},"
        f"{f'p{n}@mail{n}.example' if n != '' else ''},{score},{words}\n"
        for response, progress, n, score, words in rows
    )
    return {f"qualtrics/{survey}_{exported}.csv": HEADER + lines}


def exports() -> dict[str, str]:
    plain = {
        "customers": "customer_ref,kind,name,email,created_at\n"
        + "".join(f"c{n},person,P{n},p{n}@mail{n}.example,2023-01-01\n" for n in range(PEOPLE)),
        "subscriptions": "subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval\n"
        + "".join(
            f"s{n},c{n},{','.join(SPANS.get(n, ('2024-01-01', '')))},10,EUR,month\n" for n in range(PEOPLE)
        ),
        "survey_invitations": "invitation_ref,survey_ref,customer_ref,sent_at,status\n"
        + "".join(f"{ref},{survey},c{n},{day}T08:00:00Z,sent\n" for ref, (survey, n, day) in INVITED.items()),
        "survey_responses": "response_ref,survey_ref,invitation_ref,customer_ref,responded_at,metric,score\n"
        + "".join(
            f"a{at},{survey},{invitation},{f'c{n}' if n else ''},{day}T08:00:00Z,nps,9\n"
            for at, (survey, invitation, n, day) in enumerate(ANSWERED)
        ),
        "tickets": "ticket_ref,customer_ref,opened_at,verbatim\nt1,c50,2026-09-09T09:00:00Z,Hello\n",
    }
    asked = [
        {"id": str(n), "email": f"p{n}@mail{n}.example", "created_at": epoch("2026-01-01"), "last_sent_at": epoch("2026-09-01")}
        for n in range(10)
    ]  # fmt: skip
    smiles = [
        {"id": str(500 + n), "person": str(n), "survey_type": "smileys", "score": 5, "comment": "fine",
         "created_at": epoch("2026-09-02"), "updated_at": epoch("2026-09-02")}
        for n in range(8)
    ]  # fmt: skip
    wishes = (
        "Respondent ID,Collector ID,Start Date,End Date,Email Address,Comments\n,,,,,Open-Ended Response\n"
    )
    moment = "10/01/2026 10:00:00 AM"
    return {
        **{f"plain/{name}_{DAY}.csv": text for name, text in plain.items()},
        f"delighted/Smiles people-{DAY}.json": json.dumps(asked),
        f"delighted/Smiles-{DAY}.json": json.dumps(smiles),
        f"delighted/Thumbs-{DAY}.json": json.dumps([
            {"id": "600", "person": {"id": "51", "email": "p51@mail51.example"}, "survey_type": "thumbs", "score": 1,
             "created_at": epoch("2026-09-02"), "updated_at": epoch("2026-09-02")}
        ]),
        f"surveymonkey/Wishes_{DAY}.csv": wishes
        + "".join(f"{n},7,{moment},{moment},p{n}@mail{n}.example,I wish for more\n" for n in (10, 11))
        + "91,7,11/03/2026 10:00:00 AM,11/03/2026 10:00:00 AM,p13@mail13.example,Not yet\n",
        f"surveymonkey/Ideas_{DAY}.csv": wishes
        + f"90,7,{moment},{moment},p12@mail12.example,I have one\n",
        f"qualtrics/surveys_{DAY}.csv": "id,name,isActive,ownerId,lastModified,creationDate\nSV_1,Funnel,true,,2026-03-01,\n",
        f"qualtrics/contacts_{DAY}.csv": "contactId,firstName,lastName,email,extRef,directoryUnsubscribed\n"
        + "".join(f"CID_{n},,,p{n}@mail{n}.example,,false\n" for n in DIRECTORY),
        f"qualtrics/distributions_{DAY}.csv": "id,requestType,sendDate,surveyId\nEMD_1,Invite,2026-09-01T06:00:00Z,SV_1\n",
        f"qualtrics/distribution_contacts_{DAY}.csv": "distributionId,contactId,status,sentAt,openedAt,responseStartedAt,"
        "responseCompletedAt,responseId\n"
        + "".join(
            f"EMD_1,CID_{n},{status},2026-09-01T06:00:00Z,,{'2026-09-02T06:00:00Z' if status == 'SurveyStarted' else ''},"
            f"{completed},{response}\n"
            for n, (status, completed, response) in DIRECTORY.items()
        ),
        **qualtrics("Funnel", DAY, [
            ("R_words", 40, "", "", "Too long"), ("R_bare", 100, "", "", ""), ("R_nothing", 10, "", "", ""),
        ]),
        **qualtrics("Begun", DAY, [("R_begun", 10, 46, "", "")]),
        **qualtrics("Old name", "2026-10-01", [("R_1", 100, 47, 9, ""), ("R_2", 100, 48, 9, "")]),
        **qualtrics("New name", "2026-10-02", [("R_1", 100, 47, 9, ""), ("R_2", 100, 48, 9, ""), ("R_3", 100, 49, 9, "")]),
    }  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("answers")
    write(folder / "exports", exports())
    write(
        folder / "reference",
        {
            "settings.csv": "setting,value\nminimum_cell_size,3\n",
            "survey_inventory.csv": "vendor,survey,kind,cadence_days\nsurveymonkey,Ideas,transactional,90\n",
        },
    )
    asked = Asked(as_of_on=AS_OF)
    with build(
        folder / "exports", folder / "reference", folder / "home", asked, rooms=["listening"]
    ) as built:
        yield built


def quality(warehouse: duckdb.DuckDBPyConnection, survey: str, columns: str) -> list[tuple]:
    return warehouse.execute(
        f"select {columns} from listening.response_quality where survey_ref = ? and period_kind = 'year' and segment = 'all' "
        "order by period_start",
        [survey],
    ).fetchall()


def way_of(warehouse: duckdb.DuckDBPyConnection, month: date) -> dict[int, str]:
    """Customer: `heard`, or `silent` where it was asked, in the twelve months that end with the month."""
    number = month.year * 12 + month.month - 1
    found = warehouse.execute(
        """
        select cast(substr(parties.source_ref, 2) as int), bool_or(stretches.way = 'heard')
        from waist.reached_stretch as stretches
        join waist.party as parties on stretches.customer_id = parties.customer_id and parties.object = 'customers'
        where stretches.from_number <= $number and $number < stretches.until_number
        group by all
        """,
        {"number": number},
    ).fetchall()
    return {n: "heard" if is_heard else "silent" for n, is_heard in found}


def test_the_oracle_says_the_same(warehouse: duckdb.DuckDBPyConnection) -> None:
    for measure in surveys.measures(read_heard(warehouse)):
        wrong = measure.wrong(None, warehouse)
        assert not wrong, told(wrong)


def test_whoever_answers_is_heard_with_a_score_or_without(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Smileys, comments alone, words of who went away: all spoke. Of 42 the tool tells no more than that it answered."""
    heard = {*range(8), 10, 11, 12, *range(14, 18), 21, 22, 40, 41, 42, 47, 48, 49, 51}
    silent = {8, 9, 20, 43, 44, 45}  # of whom nothing came, or not yet
    ways = way_of(warehouse, date(2026, 10, 1))
    assert {n for n, way in ways.items() if way == "heard"} == heard
    assert {n for n, way in ways.items() if way == "silent"} == silent
    active = PEOPLE - 7
    counted = warehouse.sql("""
        select active_customers, heard_customers, silent_customers, never_asked_customers from listening.unheard_value
        where period_kind = 'month' and period_start = '2026-10-01' and segment = 'all'""").fetchall()
    assert counted == [(active, len(heard), len(silent), active - len(heard) - len(silent))]


def test_an_answer_without_a_score_is_an_answer(warehouse: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "delivered_invitations, finished_invitations, response_rate, unexplained_responses, missing_source"
    )
    assert quality(warehouse, "Smiles", columns) == [(10, 8, Decimal("0.8"), 0, None)]
    assert quality(warehouse, "Wishes", columns) == [(None, None, None, 2, "invitations")]


def test_who_goes_away_before_the_end_has_not_finished(warehouse: duckdb.DuckDBPyConnection) -> None:
    """R_bare and 42 finished, R_words and R_nothing began."""
    columns = "sent_invitations, finished_invitations, partial_invitations, unknown_invitations, unexplained_responses"
    assert quality(warehouse, "Funnel", columns) == [(6, 2, 2, 2, 0)]


def test_every_survey_that_exports_show_is_in_the_inventory(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Old name is the first name of New name, all of whose answers came again; of Begun nobody said a word."""
    found = warehouse.sql("""
        select survey_ref, is_declared, state, sends, answers, respondents, last_answered_on, metrics
        from listening.listening_inventory where vendor <> 'plain' order by all""").fetchall()
    assert found == [
        ("Begun", False, "silent", None, None, None, None, None),
        ("Funnel", False, "running", 6, 2, 2, date(2026, 9, 2), None),
        ("Ideas", True, "running", None, 1, 1, date(2026, 10, 1), None),
        ("New name", False, "running", None, 3, 3, date(2026, 9, 2), "nps"),
        ("Smiles", False, "running", 10, 8, 8, date(2026, 9, 2), None),
        ("Thumbs", False, "running", None, 1, 1, date(2026, 9, 2), None),
        ("Wishes", False, "running", None, 2, 2, date(2026, 10, 1), None),
    ]  # fmt: skip
    worded = warehouse.sql("select distinct survey_ref from listening.survey_wordings order by 1").fetchall()
    assert worded == [("Begun",), ("Funnel",), ("New name",)]
    stopped = warehouse.sql("""
        select survey_ref from listening.listening_decisions where recommendation = 'stop' and vendor <> 'plain'
        order by 1""").fetchall()
    assert stopped == [("Begun",)]


def test_an_answer_is_of_whoever_gave_it(warehouse: duckdb.DuckDBPyConnection) -> None:
    """20 was asked and 21 answered: the invitation is answered, and 21 is heard. 22 answers its invitation of 2024 twice."""
    assert quality(warehouse, "forwarded", "finished_invitations, unexplained_responses") == [(1, 0)]
    ways = way_of(warehouse, date(2026, 6, 1))
    assert (ways[20], ways[21], ways.get(22)) == ("silent", "heard", None)
    assert way_of(warehouse, date(2025, 4, 1))[22] == "heard" and 22 not in way_of(
        warehouse, date(2025, 5, 1)
    )
    assert (
        22 not in way_of(warehouse, date(2026, 8, 1)) and way_of(warehouse, date(2026, 9, 1))[22] == "heard"
    )
    assert quality(warehouse, "panel", "finished_invitations, unexplained_responses") == [(1, 0)]


def test_nobody_knows_how_many_answered_where_no_answer_names_its_invitation(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Four were asked and the same four answered, but no answer says to what; of another survey nothing came: that is known."""
    columns = "sent_invitations, delivered_invitations, delivery_rate, unexplained_responses, missing_source"
    assert quality(warehouse, "noref", columns) == [(4, 4, 1, 4, "which invitation an answer is to")]
    unknown = (
        "opened_invitations, started_invitations, finished_invitations, partial_invitations, refused_invitations, "
        "unknown_invitations, response_rate, aapor_rr1, aapor_rr2, answered_followed, answered_lost, answered_loss_rate, "
        "unanswered_followed, unanswered_lost, unanswered_loss_rate"
    )
    assert quality(warehouse, "noref", unknown) == [(None,) * 15]
    none_came = "finished_invitations, response_rate, unknown_invitations, missing_source"
    assert quality(warehouse, "nobody", none_came) == [(0, 0, 4, None)]
    decided = warehouse.sql("""
        select survey_ref, answered_12_months, response_rate_12_months, is_low_response,
            contains(missing_source, 'which invitation an answer is to')
        from listening.listening_decisions where survey_ref in ('noref', 'nobody') order by all""").fetchall()
    assert decided == [("nobody", 0, 0, True, False), ("noref", None, None, None, True)]


def test_who_was_lost_before_being_asked_is_not_followed(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Of nine, five had left, one left on the day, and one was not there yet: 36 and 37 are followed, and 36 left."""
    columns = "period_start, answered_followed, answered_lost, unanswered_followed"
    assert quality(warehouse, "exit", columns) == [(date(2025, 1, 1), 2, 1, 0)]
