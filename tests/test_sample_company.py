"""The sample company: what is published is what really happened, as planted and as the oracle counts it."""

from collections import Counter, defaultdict
from dataclasses import replace
from zoneinfo import ZoneInfo

import duckdb
import pytest

from dagster_project.paths import PROJECT
from tests.oracles import plants, silos
from tests.oracles.customer_math import Event, Facts, Ticket, loss_reasons
from tests.oracles.definition_profiles import open_bridges
from tests.oracles.facts_from_plain import read_event, read_rows
from tests.oracles.facts_from_truth import facts_from_truth, true_customer_of_record
from tests.oracles.measures import wrong_measures
from tests.oracles.published import published_loss_reasons, published_movements
from tests.oracles.tables import MOVEMENT_KEY, differences, movement_rows, told
from tests.sample import EXPORTS, REFERENCE, refreshed

TRUTH = PROJECT / "seeds" / "truth"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    company, _ = refreshed(tmp_path_factory)
    return duckdb.connect(str(company.home / "warehouse.duckdb"), read_only=True)


@pytest.fixture(scope="module")
def true_customers(warehouse: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """The true customers behind each published customer_id, by way of their source records."""
    truth = true_customer_of_record(TRUTH)
    found: dict[str, set[str]] = defaultdict(set)
    for *record, customer_id in warehouse.sql(
        "select vendor, system, object, source_ref, customer_id from core.identity_map"
    ).fetchall():
        if tuple(record) in truth:
            found[customer_id].add(truth[tuple(record)])
    return found


@pytest.fixture(scope="module")
def facts(warehouse: duckdb.DuckDBPyConnection) -> Facts:
    """The truth, up to the day that the exports reach: the truth itself has no exports and so no such day."""
    ((as_of,),) = warehouse.sql("select as_of_on from waist.as_of").fetchall()
    return replace(
        facts_from_truth(TRUTH, REFERENCE, as_of),
        tickets=tickets_of(warehouse),
        referrers=true_referrers(),
        events=true_events(),
    )


def tickets_of(warehouse: duckdb.DuckDBPyConnection) -> tuple[Ticket, ...]:
    """Who asked for help is in the truth, and when in the cases themselves."""
    heard = {tuple(row.values())[:3]: row["true_customer"] for row in read_rows(TRUTH / "heard.csv")}
    asked = warehouse.sql("select vendor, object, source_ref, opened_at::date from waist.ticket").fetchall()
    return tuple(Ticket(heard[tuple(ticket)], opened_on) for *ticket, opened_on in asked)


def true_events() -> tuple[Event, ...]:
    """What the shop's customers met, whichever of their records it names."""
    truth = true_customer_of_record(TRUTH)
    (file,) = (EXPORTS / "plain" / "shop").glob("touchpoint_events_*.csv")
    return tuple(
        read_event(row, truth["plain", "shop", "customers", row["customer_ref"]], ZoneInfo("UTC"))
        for row in read_rows(file)
    )


def true_referrers() -> dict[str, str]:
    """Whom the shop's customers name; a name that it does not know is nobody's."""
    truth = true_customer_of_record(TRUTH)
    (newest,) = (EXPORTS / "plain" / "shop").glob("customers_*.csv")
    return {
        truth["plain", "shop", "customers", row["customer_ref"]]: truth.get(
            ("plain", "shop", "customers", row["referred_by_ref"]), row["referred_by_ref"]
        )
        for row in read_rows(newest)
        if row["referred_by_ref"]
    }


def test_each_customer_is_one_true_customer_and_the_other_way_round(
    true_customers: dict[str, set[str]],
) -> None:
    joined_wrongly = {customer: names for customer, names in true_customers.items() if len(names) > 1}
    ids: dict[str, set[str]] = defaultdict(set)
    for customer, names in true_customers.items():
        for name in names:
            ids[name].add(customer)
    torn_apart = {name: customers for name, customers in ids.items() if len(customers) > 1}
    assert not joined_wrongly and not torn_apart


def test_the_truth_tells_the_movements_that_follow_from_its_own_spans(facts: Facts) -> None:
    """The simulator says when it made a customer come, grow, shrink and go; the oracle works it out."""
    planted = {
        (row["true_customer"], row["moved_on"], row["movement"]) for row in read_rows(TRUTH / "movements.csv")
    }
    computed = {
        (row["customer"], str(row["moved_on"]), row["movement"])
        for row in movement_rows(facts)
        if row["movement"] in ("new", "won_back", "lost")
        or (row["movement"] in ("expansion", "contraction") and row["mrr_value"])
    }
    assert planted == computed


def test_every_movement_is_the_true_one(
    warehouse: duckdb.DuckDBPyConnection, facts: Facts, true_customers: dict[str, set[str]]
) -> None:
    name_of = {customer: min(names) for customer, names in true_customers.items()}
    published = [
        row | {"customer": name_of.get(row["customer"], row["customer"])}
        for row in published_movements(warehouse)
    ]
    # the truth holds what is paid, and not how much of it a discount took off: it tells no cause
    computed = [
        {column: cell for column, cell in row.items() if column != "cause"} for row in movement_rows(facts)
    ]
    wrong = differences(computed, published, MOVEMENT_KEY)
    assert not wrong, told(wrong)
    assert {row["movement"] for row in published if row["cause"] == "price"} == {"expansion"}


def test_every_total_is_the_true_one(warehouse: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    wrong = wrong_measures(facts, warehouse)
    assert not wrong, told(wrong)


def test_every_handoff_and_conflict_is_the_true_one(
    warehouse: duckdb.DuckDBPyConnection, facts: Facts
) -> None:
    measures = silos.measures(silos.read_silos(REFERENCE))
    wrong = [line for measure in measures for line in measure.wrong(facts, warehouse)]
    assert not wrong, told(wrong)


def test_the_planted_conflicts_are_found_and_the_innocent_one_is_none(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """With their lag and whom they touch; nothing else of what the silos reported is called observed."""
    found = {
        (silo, metric, customer_metric, lag): (conflict in ("observed", "both"), value)
        for silo, metric, customer_metric, lag, conflict, value in warehouse.sql(
            "select silo, metric, customer_metric, lag_months, conflict, affected_value from alignment.silo_metric_conflicts"
        ).fetchall()
    }
    planted = [tuple(row.values()) for row in read_rows(TRUTH / "silo_metrics.csv")]
    assert {(*name, int(lag)) for *name, lag, is_conflict in planted if is_conflict == "true"} == {
        key for key, (is_observed, _) in found.items() if is_observed
    }
    assert all(value > 0 for is_observed, value in found.values() if is_observed)
    innocent = [tuple(name) for *name, _, is_conflict in planted if is_conflict == "false"]
    assert innocent and not any(is_observed for key, (is_observed, _) in found.items() if key[:3] in innocent)


def test_the_innocent_metric_is_what_was_really_billed() -> None:
    billed = Counter(row["billed_on"][:7] for row in read_rows(TRUTH / "billed.csv"))
    reported = {row["month"][:7]: int(row["value"]) for row in read_rows(REFERENCE / "silo_metric_value.csv")}
    assert reported == billed


def test_every_reason_is_the_true_one(warehouse: duckdb.DuckDBPyConnection, facts: Facts) -> None:
    lost = {key: count for key, (count, _) in loss_reasons(facts).items()}
    assert published_loss_reasons(warehouse) == lost


def test_every_answer_and_ticket_that_counts_is_tied_to_whom_it_tells_of(
    warehouse: duckdb.DuckDBPyConnection, true_customers: dict[str, set[str]]
) -> None:
    """None counts twice, nor what was merged, deleted or never finished."""
    heard = warehouse.sql("""
        select facts.vendor, facts.object, facts.source_ref, parties.customer_id
        from (
            select vendor, system, object, source_ref, party_object, party_ref from waist.response
            union all
            select vendor, system, object, source_ref, party_object, party_ref from waist.ticket
        ) as facts
        left join waist.party as parties
            on facts.vendor = parties.vendor and facts.system = parties.system
            and facts.party_object = parties.object and facts.party_ref = parties.source_ref
    """).fetchall()
    found = sorted((*fact, min(true_customers.get(customer, {""}))) for *fact, customer in heard)
    told = [tuple(row.values()) for row in read_rows(TRUTH / "heard.csv")]
    assert found == sorted(told)


def test_every_defined_measure_is_published(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A definition names the column that carries it, so that a renamed column cannot leave its words behind."""
    published = set(
        warehouse.sql(
            "select column_name, table_schema || '.' || table_name from information_schema.columns"
        ).fetchall()
    )
    defined = warehouse.sql("select metric, published_in from core.metric_definition").fetchall()
    missing = [
        (metric, table)
        for metric, tables in defined
        for table in tables.replace(" and ", ", ").split(", ")
        if (metric, table) not in published
    ]
    assert defined and not missing


def test_of_the_slides_one_figure_is_wrong_and_the_others_only_differ(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """The sales review turned two digits round; what the others reported is what their own definition gives."""
    told = warehouse.sql(
        "select profile, reported_less_recomputed, reported_less_one_company <> 0 "
        "from alignment.definition_variance where reported is not null order by profile"
    ).fetchall()
    assert told == [
        ("billing", 0, True),
        ("crm", 183 - 138, True),
        ("finance", 0, True),
        ("survey_panel", 0, True),
    ]
    assert not open_bridges(warehouse)


def test_what_is_planted_in_how_it_listens_is_found(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert list(plants.missed(warehouse, TRUTH)) == []


def test_each_text_is_of_the_category_that_it_speaks_of(warehouse: duckdb.DuckDBPyConnection) -> None:
    """By its silo's own category or by its words, in six languages."""
    found = {
        tuple(ref): category
        for *ref, category in warehouse.sql(
            "select vendor, system, object, source_ref, category from waist.feedback_category"
        ).fetchall()
    }
    said = read_rows(TRUTH / "said.csv")
    wrong = [row for row in said if found.get(tuple(row.values())[:4]) != row["category"]]
    assert len(said) > 1000 and not wrong
