"""Scores, response rates, who is never heard and signs of gaming: a few surveys worked out by hand, many drawn by chance and
compared with the oracle, all of one company that is built once.

Numbers count up to 31 October 2026; what the exports hold of November has not happened yet.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import duckdb
import pytest

from dagster_project.settings import Asked
from tests.company import build
from tests.oracles import surveys
from tests.oracles.surveys import Heard, read_heard
from tests.oracles.tables import told
from tests.test_who_counts import write

AS_OF, FIRST = date(2026, 10, 31), date(2024, 11, 1)
DAYS = 745  # the last of them are after the as-of day
ORGANISATIONS, PEOPLE = 30, 60
BANDS = (("little", Decimal(100)), ("much", Decimal(600)))
PHRASE = "a 9 or a 10"
SCALES = {"rel": "nps", "help": "csat", "tries": "ces", "effort": "ces", "seven": "csat", "ten": "csat"}
OUTSIDE = {"help": (0, 6), "tries": (0, 8), "effort": (0, 8), "seven": (0, 8), "ten": (11, 12)}
REFERENCE = {
    "settings.csv": "setting,value\nminimum_cell_size,3\nfiscal_year_starts_in,April\n",
    "value_band.csv": "value_band,at_least\n" + "".join(f"{band},{least}\n" for band, least in BANDS),
    "own_domain.csv": "domain\nours.example\n",
    "survey_inventory.csv": """vendor,system,survey,kind,csat_points,ces_points,ces_version
plain,,rel,relationship,,,
plain,,effort,transactional,,7,1.0
plain,,seven,transactional,7,,
plain,,ten,transactional,11,,
plain,,declared and never seen,transactional,,,
""",
}
# By hand: what each says of which quarter and by whom is told below.
BY_HAND = """response_ref,survey_ref,customer_ref,email,responded_at,metric,score
g1,golden,c30,,2026-05-01T10:00:00Z,nps,9
g2,golden,c31,,2026-05-01T10:00:00Z,nps,9
g3,golden,c32,,2026-05-02T10:00:00Z,nps,10
g4,golden,c33,,2026-05-02T10:00:00Z,nps,8
g5,golden,c34,,2026-05-03T10:00:00Z,nps,7
g6,golden,c35,,2026-05-03T10:00:00Z,nps,3
w1,waves,c30,,2026-04-10T10:00:00Z,nps,10
w2,waves,c30,,2026-05-10T10:00:00Z,nps,0
w3,waves,c31,,2026-04-10T10:00:00Z,nps,9
w4,waves,c32,,2026-04-10T10:00:00Z,nps,9
w5,waves,c33,,2026-05-10T10:00:00Z,nps,6
w6,waves,c34,,2026-05-10T10:00:00Z,nps,9
w7,waves,,,2026-05-11T10:00:00Z,nps,2
w8,waves,,,2026-05-12T10:00:00Z,nps,2
a1,account,,ann@org0.example,2026-06-01T10:00:00Z,nps,10
a2,account,,bob@org0.example,2026-06-02T10:00:00Z,nps,8
a3,account,,cat@org0.example,2026-06-03T10:00:00Z,nps,9
a4,account,,ann@org1.example,2026-06-03T10:00:00Z,nps,6
a5,account,,bob@org1.example,2026-06-03T10:00:00Z,nps,7
a6,account,c36,,2026-06-03T10:00:00Z,nps,7
o1,own,,meg@ours.example,2026-10-01T10:00:00Z,csat,5
o2,own,c37,,2026-10-01T10:00:00Z,csat,5
o3,own,,,2025-10-20T10:00:00Z,csat,5
stray1,stray,c38,,2026-05-01T10:00:00Z,csat,4
stray2,stray,c38,,2026-05-02T10:00:00Z,csat,9
both1,both,c39,,2026-05-01T10:00:00Z,nps,9
both2,both,c39,,2026-05-02T10:00:00Z,csat,5
turn1,turn,,ann@org0.example,2025-12-02T10:00:00Z,nps,9
turn2,turn,,bob@org0.example,2025-12-20T10:00:00Z,nps,9
"""
ASKED_BY_HAND = """invitation_ref,survey_ref,customer_ref,sent_at,channel,status
whole1,whole,c30,2026-07-01T10:00:00Z,email,sent
whole2,whole,c31,2026-07-01T10:00:00Z,email,sent
whole3,whole,c32,2026-07-01T10:00:00Z,email,sent
half1,half,c30,2026-07-01T10:00:00Z,email,sent
half2,half,c31,2026-07-01T10:00:00Z,email,sent
half3,half,c32,2026-07-01T10:00:00Z,email,sent
half4,half,c33,2025-08-01T10:00:00Z,email,sent
half5,half,c34,2025-08-01T10:00:00Z,email,sent
half6,half,c35,2025-08-01T10:00:00Z,email,sent
half7,half,c36,2025-07-31T10:00:00Z,email,sent
half8,half,c37,2026-07-31T10:00:00Z,email,bounced
turn1,turn,c0,2025-12-02T10:00:00Z,email,sent
turn2,turn,c0,2025-12-20T10:00:00Z,email,sent
"""
ANSWERED_BY_HAND = "response_ref,survey_ref,invitation_ref,responded_at,metric,score\n" + "".join(
    f"{survey}-{n},{survey},{survey}{n},2026-07-1{n}T10:00:00Z,nps,{score}\n"
    for survey in ("whole", "half")
    for n, score in ((1, 9), (2, 9), (3, 2))
)
SURVEYMONKEY = f"""Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1,\
"How likely is it that you would recommend us, and would you give us {PHRASE.title()}?"
,,,,,,,,,Response
501,1,10/01/2026 09:00:00 AM,10/01/2026 09:05:00 AM,,p40@mail40.example,,,,9
502,1,10/01/2026 09:00:00 AM,10/01/2026 09:05:00 AM,,p41@mail41.example,,,,4
503,1,10/01/2026 09:00:00 AM,10/01/2026 09:05:00 AM,,p42@mail42.example,,,,8
"""
DELIGHTED = {
    "delighted/Closed people-2026-11-15.json": '[{"id": "1", "email": "p45@mail45.example", "created_at": 1785400000, '
    '"last_sent_at": 1785405600}, {"id": "2", "email": "p46@mail46.example", "created_at": 1785400000, "last_sent_at": 1785405600}]',
    "delighted/Closed-2026-11-15.json": '[{"id": "71", "person": "1", "survey_type": "csat", "score": 4, "created_at": 1785409200, '
    '"updated_at": 1785409200}]',
}
# One contact for each thing that may become of an invitation; what came of the last ones came after the as-of day.
DIRECTORY = [
    ("Success", "", "", ""), ("Success", "", "", ""), ("HardBounce", "", "", ""), ("Skipped", "", "", ""),
    ("Opened", "2026-08-04", "", ""), ("SurveyStarted", "2026-08-04", "2026-08-04", ""), ("SurveyStarted", "", "2026-08-05", ""),
    ("SurveyFinished", "2026-08-04", "2026-08-04", "2026-08-05"), ("SurveyFinished", "", "", "2026-08-06"),
    ("Opened", "2026-11-02", "", ""), ("SurveyStarted", "2026-08-09", "2026-11-02", ""),
    ("SurveyFinished", "2026-08-09", "2026-08-09", "2026-11-03"),
]  # fmt: skip
QUALTRICS = {
    "qualtrics/surveys_2026-11-15.csv": "id,name,isActive,ownerId,lastModified,creationDate\n"
    "SV_1,Funnel,true,UR_1,2026-03-01T15:00:00Z,2023-08-03T15:00:00Z\n",
    "qualtrics/contacts_2026-11-15.csv": "contactId,firstName,lastName,email,phone,extRef,directoryUnsubscribed,"
    "directoryUnsubscribeDate\n" + "".join(f"CID_{n},,,p{n + 31}@mail{n + 31}.example,,,false,\n" for n in range(len(DIRECTORY))),
    "qualtrics/distributions_2026-11-15.csv": "id,requestType,sendDate,surveyId\nEMD_1,Invite,2026-08-03T06:00:00Z,SV_1\n",
    "qualtrics/distribution_contacts_2026-11-15.csv": "distributionId,contactId,status,sentAt,openedAt,responseStartedAt,"
    "responseCompletedAt,responseId,contact_frequency_rule_id\n"
    + "".join(
        f"EMD_1,CID_{n},{status},2026-08-03T06:00:00Z,{','.join(day and day + 'T10:00:00Z' for day in days)},,\n"
        for n, (status, *days) in enumerate(DIRECTORY)
    ),
}  # fmt: skip


def at(day: int, rng: Random) -> str:
    return (datetime(2024, 11, 1) + timedelta(days=day, hours=rng.randrange(24))).strftime(
        "%Y-%m-%dT%H:00:00Z"
    )


def customers(rng: Random) -> dict[str, str]:
    """Organisations with a domain of their own, then people; a third of them changes its segment in between. And a tester."""
    header = "customer_ref,kind,name,email,domain,segment,created_at,is_test\n"
    tester = "t0,person,Tester,,,,2024-10-01,true\n"

    def row(n: int, segment: str) -> str:
        if n < ORGANISATIONS:
            return f"c{n},organisation,Organisation {n},,org{n}.example,{segment},2024-10-01,false\n"
        return f"c{n},person,Person {n},p{n}@mail{n}.example,,{segment},2024-10-01,false\n"

    segments = [rng.choice(("big", "small", "")) for _ in range(PEOPLE)]
    later = [rng.choice(("big", "small", segment, segment, segment, segment)) for segment in segments]
    segments[0], later[0] = "big", "small"
    return {
        f"plain/customers_{day}.csv": header
        + tester
        + "".join(row(n, segment) for n, segment in enumerate(told))
        for day, told in (("2024-11-01", segments), ("2025-12-05", later))
    }


def subscriptions(rng: Random) -> str:
    rows = ["subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval\n"]
    for n in range(PEOPLE - 5):
        start = FIRST + timedelta(days=rng.randrange(300))
        end = start + timedelta(days=rng.randrange(40, 500)) if rng.random() < 0.4 else ""
        rows.append(f"s{n},c{n},{start},{end},{rng.choice((5, 20, 75))}.00,EUR,month\n")
        if end and rng.random() < 0.7:  # comes back, and may leave again
            back = end + timedelta(days=rng.randrange(20, 90))
            end = back + timedelta(days=rng.randrange(40, 200)) if rng.random() < 0.6 else ""
            rows.append(f"s{n}b,c{n},{back},{end},5.00,EUR,month\n")
    return "".join(rows)


def who(n: int, rng: Random) -> str:
    """customer_ref and email of whom is asked or answers: an organisation's people answer by their address."""
    return f",{rng.choice(('ann', 'bob', 'cat'))}@org{n}.example" if n < ORGANISATIONS else f"c{n},"


def drawn(rng: Random) -> tuple[str, str]:
    """Invitations and answers by chance, and two surveys that somebody games: delivery asks after good arrivals alone, and
    call writes a 9 for a 7 or an 8."""
    sends = ["invitation_ref,survey_ref,customer_ref,email,sent_at,channel,status\n"]
    answers = ["response_ref,survey_ref,invitation_ref,customer_ref,email,responded_at,metric,score\n"]
    for n in range(900):
        survey, day = rng.choice(list(SCALES)), rng.randrange(DAYS)
        metric, whom = SCALES[survey], who(rng.randrange(PEOPLE), rng)
        score = (
            rng.choice(OUTSIDE.get(survey, (0,)))
            if rng.random() < 0.05
            else rng.choice((1, 2, 3, 4, 5, 5, 6, 6, 7, 7))
        )
        score = rng.choice((2, 5, 6, 7, 8, 8, 9, 9, 10, 10)) if metric == "nps" else score
        status = rng.choices(("sent", "bounced", "suppressed"), (8, 1, 1))[0]
        if rng.random() < 0.8:
            sends.append(f"i{n},{survey},{whom},{at(day, rng)},email,{status}\n")
        if status == "sent" and rng.random() < 0.5:
            named = rng.choice((f"i{n},,", f"i{n},,", f",{whom}", ",,"))
            answers.append(f"r{n},{survey},{named},{at(day + rng.randrange(40), rng)},{metric},{score}\n")
    for n in range(60):
        score = 9 if rng.random() < 0.8 else rng.choice((8, 10))
        answers.append(
            f"call{n},call,,c{rng.randrange(30, PEOPLE)},,{at(DAYS - 380 + 6 * n, rng)},nps,{score}\n"
        )
    return "".join(sends), "".join(answers)


def arrivals(rng: Random) -> tuple[str, str]:
    """Events at two touchpoints, and what delivery sends after those at one: to whom all went well, and hardly anybody else."""
    events, sends = ["event_ref,touchpoint,customer_ref,occurred_at,conforming\n"], []
    for n in range(500):
        touchpoint, day, customer = (
            rng.choice(("arrival", "packing")),
            rng.randrange(DAYS - 60),
            rng.randrange(30, PEOPLE),
        )
        is_good = rng.random() < (0.6 if touchpoint == "arrival" else 0.9)
        events.append(f"e{n},{touchpoint},c{customer},{at(day, rng)},{str(is_good).lower()}\n")
        if touchpoint == "arrival" and rng.random() < (0.7 if is_good else 0.1):
            sends.append(f"d{n},delivery,c{customer},,{at(day + 1, rng)},email,sent\n")
        if touchpoint == "arrival" and rng.random() < 0.5:
            sends.append(f"f{n},fair,c{customer},,{at(day + 1, rng)},email,sent\n")
    events += [f"t{n},arrival,t0,{at(DAYS - 300 + n, rng)},true\n" for n in range(40)]
    return "".join(events), "".join(sends)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, rng = tmp_path_factory.mktemp("surveys"), Random(7)
    sends, answers = drawn(rng)
    events, more_sends = arrivals(rng)
    write(
        folder / "exports",
        customers(rng)
        | QUALTRICS
        | DELIGHTED
        | {
            "plain/subscriptions_2026-11-15.csv": subscriptions(rng),
            "plain/survey_invitations_2026-11-15.csv": sends + more_sends,
            "plain/survey_responses_2026-11-15.csv": answers,
            "plain/touchpoint_events_2026-11-15.csv": events,
            "plain/survey_responses_by_hand_2026-11-15.csv": BY_HAND,
            "plain/survey_invitations_by_hand_2026-11-15.csv": ASKED_BY_HAND,
            "plain/survey_responses_asked_2026-11-15.csv": ANSWERED_BY_HAND,
            "surveymonkey/Begging_2026-11-15.csv": SURVEYMONKEY,
        },
    )
    write(folder / "reference", REFERENCE)
    return folder


@pytest.fixture(scope="module")
def warehouse(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    asked = Asked(as_of_on=AS_OF)
    with build(
        folder / "exports", folder / "reference", folder / "home", asked, rooms=["listening"]
    ) as built:
        yield built


@pytest.fixture(scope="module")
def heard(warehouse: duckdb.DuckDBPyConnection) -> Heard:
    return read_heard(warehouse, bands=BANDS, own_domains=frozenset({"ours.example"}), phrases=(PHRASE,))


def test_the_oracle_says_the_same(heard: Heard, warehouse: duckdb.DuckDBPyConnection) -> None:
    for measure in surveys.measures(heard):
        wrong = measure.wrong(None, warehouse)
        assert not wrong, told(wrong)


def scores(
    warehouse: duckdb.DuckDBPyConnection, survey: str, kind: str, columns: str, where: str = "segment = 'all'"
) -> list:
    return warehouse.execute(
        f"select {columns} from listening.survey_scores where survey_ref = ? and period_kind = ? and {where} order by all",
        [survey, kind],
    ).fetchall()


def test_the_golden_score_and_its_margin(warehouse: duckdb.DuckDBPyConnection) -> None:
    """p = 1/2 and d = 1/6 give 33.3, and a variance of 5/9: 100 x 1.96 x √(5/54) = 59.64."""
    golden = scores(
        warehouse,
        "golden",
        "month",
        "respondents, promoters, passives, detractors, nps, nps_margin",
        "unit = 'person' and segment = 'all'",
    )
    assert golden == [(6, 3, 2, 1, Decimal("33.333333"), Decimal("59.640901"))]


def test_quarters_are_counted_anew(warehouse: duckdb.DuckDBPyConnection) -> None:
    """One says 10 in April and 0 in May: the quarter from April knows the 0 alone. Two anonymous answers are two respondents."""
    columns = "period_start, respondents, unidentified_respondents, promoters, detractors, is_unanimous"
    people = "unit = 'person' and segment = 'all'"
    assert scores(warehouse, "waves", "month", columns, people) == [
        (date(2026, 4, 1), 3, 0, 3, 0, True), (date(2026, 5, 1), 5, 2, 1, 4, False),
    ]  # fmt: skip
    assert scores(warehouse, "waves", "quarter", columns, people) == [(date(2026, 4, 1), 7, 2, 3, 4, False)]
    margin = scores(warehouse, "waves", "month", "nps, nps_margin", people + " and is_unanimous")
    assert margin == [(100, 0)]


def test_an_account_has_the_mean_of_its_people(warehouse: duckdb.DuckDBPyConnection) -> None:
    """9 of 10, 8 and 9; 6.5 of 6 and 7, which is below 7; and a 7."""
    told = scores(
        warehouse, "account", "month", "unit, respondents, promoters, passives, detractors, mean_score"
    )
    assert told == [
        ("account", 3, 1, 1, 1, Decimal("7.5")), ("person", 6, 2, 3, 1, Decimal("7.833333")),
    ]  # fmt: skip


def test_a_margin_knows_how_many_could_have_answered(warehouse: duckdb.DuckDBPyConnection) -> None:
    """All three asked answered: no margin. Three of six: √((6 - 3) ÷ (6 - 1)) of 100 x 1.96 x √((1 - 1/9) ÷ 3). A bounce, and what
    was asked more than twelve months before the month's end, do not count."""
    columns = "population, nps, nps_margin, is_finite_population"
    people = "unit = 'person' and segment = 'all'"
    assert scores(warehouse, "whole", "month", columns, people) == [(3, Decimal("33.333333"), 0, True)]
    assert scores(warehouse, "half", "month", columns, people) == [
        (6, Decimal("33.333333"), Decimal("82.640856"), True)
    ]


def test_scales_are_told_apart(warehouse: duckdb.DuckDBPyConnection) -> None:
    told = warehouse.sql("""
        select survey_ref, metric, points, ces_version, is_aligned, bool_or(top_box_share is not null), bool_or(mean_score is not null)
        from listening.survey_scores where survey_ref in ('rel', 'help', 'tries', 'effort', 'seven', 'ten', 'all') group by all
        order by all""").fetchall()
    assert told == [
        ("all", "ces", 7, "2.0", True, True, True), ("all", "csat", 5, None, True, True, True),
        ("all", "nps", 11, None, True, False, True), ("effort", "ces", 7, "1.0", False, False, True),
        ("help", "csat", 5, None, True, True, True), ("rel", "nps", 11, None, True, False, True),
        ("seven", "csat", 7, None, False, True, True), ("ten", "csat", 11, None, False, True, True),
        ("tries", "ces", 7, "2.0", True, True, True),
    ]  # fmt: skip


def test_what_became_of_invitations(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Of twelve in the directory one is held back and one bounces; what came of three came too late to be known."""
    told = warehouse.sql("""
        select survey_ref, suppressed_invitations, sent_invitations, bounced_invitations, delivered_invitations, opened_invitations,
            started_invitations, finished_invitations, partial_invitations, refused_invitations, unknown_invitations,
            delivery_rate, response_rate, aapor_rr1, aapor_rr2, unexplained_responses, missing_source
        from listening.response_quality where survey_ref in ('Funnel', 'Begging') and period_kind = 'year' and segment = 'all'
        order by all""").fetchall()
    assert told == [
        ("Begging", *[None] * 14, 3, "invitations"),
        ("Funnel", 1, 11, 1, 10, 7, 5, 2, 3, 2, 4, *map(Decimal, ("0.909091", "0.2", "0.181818", "0.454545")), 0, None),
    ]  # fmt: skip


def test_gaming_is_found_and_fair_surveys_are_left_alone(warehouse: duckdb.DuckDBPyConnection) -> None:
    signs = warehouse.sql(
        "select sign, survey_ref from listening.gaming_signs where is_sign order by all"
    ).fetchall()
    assert signs == [
        ("begging_wording", "Begging"), ("cherry_picked_invitations", "delivery"), ("scores_on_the_threshold", "call"),
        ("staff_answers", "own"),
    ]  # fmt: skip
    tried = warehouse.sql("""
        select survey_ref from listening.gaming_signs where sign = 'cherry_picked_invitations' and is_sign is not null
        order by all""").fetchall()
    assert ("fair",) in tried and len(tried) > 3
    picked = "select evidence from listening.gaming_signs where is_sign and survey_ref = 'delivery'"
    ((evidence,),) = warehouse.sql(picked).fetchall()
    assert evidence.endswith("followed a good one, above all an event at arrival")
    own = "select cases, found, evidence from listening.gaming_signs where sign = 'staff_answers' and survey_ref = 'own'"
    assert warehouse.sql(own).fetchall() == [(2, 1, "1 of 2 answers came from the company's own addresses")]


def test_without_surveys_nobody_knows_who_is_heard(folder: Path, tmp_path: Path) -> None:
    exports = folder / "exports" / "plain"
    write(
        tmp_path / "exports",
        {"plain/subscriptions_2026-11-15.csv": (exports / "subscriptions_2026-11-15.csv").read_text()},
    )
    with build(tmp_path / "exports", tmp_path / "none", tmp_path / "home", rooms=["listening"]) as built:
        for table in ("survey_scores", "response_quality", "gaming_signs"):
            assert built.sql(f"from listening.{table}").fetchall() == []
        assert built.sql("""
            select distinct value_band, active_customers > 0, heard_customers, silent_customers, unheard_value, silent_value_share,
                missing_source
            from listening.unheard_value""").fetchall() == [("all", True, None, None, None, None, "surveys")]
