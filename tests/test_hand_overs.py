"""Tables beside customer math, of records that turn out to be another customer's: each follows them, and the day counts."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from dagster_project.settings import Asked
from tests.company import build
from tests.oracles.customer_math import Stay
from tests.oracles.published import customers_by_record
from tests.test_who_counts import write

FOUND = date(2025, 3, 1)
EXPORTS = {
    "plain/customers_2025-03-31.csv": """customer_ref,kind,name,country,acquisition_source,segment,created_at
birch,organisation,Birch,NO,fair,small,2025-01-02
alder,person,Alder,SE,web,large,2025-01-03
cedar,organisation,Cedar,DK,,,2025-01-04
dogwood,organisation,Dogwood,FI,ads,,2025-01-05
elm,organisation,Elm,,,,2025-01-06
prospect,,,,,,2025-03-31
""",
    "plain/subscriptions_2025-03-31.csv": """subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval
whole,birch,2025-01-10,,100.00,EUR,month
before,birch,2025-01-10,2025-03-01,10.00,EUR,month
after,birch,2025-03-01,,20.00,EUR,month
kept,alder,2025-01-10,,5.00,EUR,month
past,dogwood,2025-01-10,2025-02-10,9.00,EUR,month
later,dogwood,2025-06-01,,9.00,EUR,month
""",
    "plain/purchases_2025-03-31.csv": """purchase_ref,customer_ref,purchased_on,amount,currency
p1,birch,2025-02-01,30.00,EUR
p2,birch,2025-03-01,40.00,EUR
""",
    "plain/survey_responses_2025-03-31.csv": """response_ref,survey_ref,customer_ref,responded_at,metric,score
r1,nps,birch,2025-02-01T10:00:00Z,nps,9
r2,nps,birch,2025-03-01T10:00:00Z,nps,8
""",
    "plain/survey_invitations_2025-03-31.csv": """invitation_ref,survey_ref,customer_ref,sent_at,status
i1,nps,birch,2025-01-20T10:00:00Z,sent
i2,nps,birch,2025-03-02T10:00:00Z,sent
""",
    "plain/tickets_2025-03-31.csv": """ticket_ref,customer_ref,opened_at,verbatim
t1,birch,2025-02-02T10:00:00Z,It broke
t2,birch,2025-03-03T10:00:00Z,It broke again
""",
    "plain/touchpoint_events_2025-03-31.csv": """event_ref,touchpoint,customer_ref,occurred_at,conforming
e1,arrival,birch,2025-02-03T10:00:00Z,true
e2,arrival,birch,2025-03-04T10:00:00Z,true
""",
}
STAYS = (
    Stay("plain/birch", "birch"),
    Stay("plain/birch", "plain/alder", FOUND),
    Stay("plain/dogwood", "dogwood"),
    Stay("plain/dogwood", "plain/cedar", FOUND),
    Stay("plain/elm", "elm"),
    Stay("plain/elm", "elm again", date(2025, 4, 1)),  # found after the as-of day
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("hand_overs")
    write(folder / "exports", EXPORTS)
    with build(folder / "exports", folder / "none", folder / "home", stays=STAYS) as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def name_of(warehouse: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The customers' names in STAYS, by id."""
    ids = customers_by_record(warehouse, "plain", "customers", STAYS)
    return {customer: name for name, customer in ids.items()}


def told(warehouse: duckdb.DuckDBPyConnection, name_of: dict[str, str], query: str) -> list[tuple]:
    """The rows of a query whose first column is a customer, which is named."""
    return sorted((name_of[customer], *rest) for customer, *rest in warehouse.execute(query).fetchall())


def test_a_span_has_a_row_for_each_customer_whose_it_was(warehouse, name_of):
    spans = told(
        warehouse,
        name_of,
        "select customer_id, line_ref, valid_from, valid_to, mrr_value from core.revenue_span",
    )
    started = date(2025, 1, 10)
    assert [span for span in spans if span[1] in ("whole", "before", "after", "kept")] == [
        ("birch", "before", started, FOUND, 10),
        ("birch", "whole", started, FOUND, 100),
        ("plain/alder", "after", FOUND, None, 20),
        ("plain/alder", "kept", started, None, 5),
        ("plain/alder", "whole", FOUND, None, 100),
    ]
    # one that is over before, or begins after, has one row
    assert [span[:3] for span in spans if span[1] in ("past", "later")] == [
        ("dogwood", "past", started),
        ("plain/cedar", "later", date(2025, 6, 1)),
    ]


def test_a_purchase_is_that_of_who_bought_it_on_its_day(warehouse, name_of):
    assert told(warehouse, name_of, "select customer_id, source_ref from core.customer_purchase") == [
        ("birch", "p1"),
        ("plain/alder", "p2"),
    ]


def test_who_was_asked_and_heard_is_the_customer_of_the_day(warehouse, name_of):
    before, after = "birch", "plain/alder"
    for table, day, days in (
        ("waist.survey_send", "sent_on", (date(2025, 1, 20), date(2025, 3, 2))),
        ("waist.survey_answer", "answered_on", (date(2025, 2, 1), FOUND)),
        ("waist.feedback_item", "given_on", (date(2025, 2, 1), date(2025, 2, 2), FOUND, date(2025, 3, 3))),
    ):
        found = told(warehouse, name_of, f"select customer_id, {day} from {table}")
        assert found == [(before if on < FOUND else after, on) for on in days]
    met = "select customer_id, last_heard_on from waist.listening_fact where heard_by = 'plain/plain/arrival'"
    assert told(warehouse, name_of, met) == [(before, date(2025, 2, 3)), (after, date(2025, 3, 4))]


def test_the_map_has_each_stay_as_far_as_the_as_of_day(warehouse, name_of):
    mapped = told(
        warehouse,
        name_of,
        "select customer_id, source_ref, valid_from, valid_to from core.identity_map "
        "where source_ref in ('alder', 'birch', 'elm')",
    )
    assert mapped == [
        ("birch", "birch", None, FOUND),
        ("elm", "elm", None, None),
        ("plain/alder", "alder", None, None),
        ("plain/alder", "birch", FOUND, None),
    ]


def test_who_became_another_is_still_told_of(warehouse, name_of):
    """By the records that it had; the other one by those that it has, the earliest of which says most."""
    columns = "customer_id, segment, kind, country, acquisition_source, first_active_on, is_customer, source_records"
    found = told(
        warehouse,
        name_of,
        f"select {columns} from core.customer where customer_id not like 'cus_%' or is_customer",
    )
    new_year = date(2025, 1, 10)
    assert found == [
        ("birch", "small", "organisation", "NO", "fair", new_year, True, 0),
        ("dogwood", "unsegmented", "organisation", "FI", "ads", new_year, True, 0),
        ("elm", "unsegmented", "organisation", None, None, None, False, 1),
        ("plain/alder", "large", "organisation", "NO", "fair", new_year, True, 2),
        ("plain/alder", "small", "organisation", "NO", "fair", new_year, True, 2),
        # never active under its own id: the past came along with Dogwood's record
        ("plain/cedar", "unsegmented", "organisation", "DK", "ads", new_year, True, 2),
    ]


def test_coverage_is_of_customers_as_they_are_now(warehouse):
    """Two pay or paid: Alder, who is Birch too, and Cedar, whose past is Dogwood's."""
    found = warehouse.execute(
        "select measure, resolved, total from governance.coverage where source = 'plain' order by measure"
    ).fetchall()
    assert found == [
        ("customers", 2, 2),
        ("responses", 2, 2),
        ("revenue", 12 * 125 + 70, 12 * 125 + 70),
        ("tickets", 2, 2),
    ]


def test_a_look_back_knows_nothing_of_what_is_found_later(tmp_path):
    write(tmp_path / "exports", EXPORTS)
    asked = Asked(as_of_on=date(2025, 2, 28))
    with build(tmp_path / "exports", tmp_path / "none", tmp_path / "home", asked, STAYS) as warehouse:
        moved = warehouse.execute("select distinct movement from customer_assets.value_movement").fetchall()
        ids = warehouse.execute(
            "select count(distinct customer_id) from customer_assets.value_movement"
        ).fetchall()
        stays = "select count(*) from core.identity_map where valid_from is not null or valid_to is not null"
        assert warehouse.execute(stays).fetchall() == [(0,)]
    assert sorted(moved) == [("expansion",), ("lost",), ("new",)] and ids == [(3,)]
