"""Nothing that breaks a promise of the interface gets past the audit, and it says what is wrong and where."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pytest

from dagster_project.closing import Closings, write_tables
from dagster_project.errors import UserError
from dagster_project.great_expectations_duckdb import (
    CheckResult,
    has_rows,
    never_empty,
    no_rows,
    one_of,
    unique,
    validate,
)
from dagster_project.paths import Paths
from dagster_project.publication import AuditFailed, publish
from dagster_project.publication.audit import CHECKS, without_addresses
from dagster_project.publication.tables import PublishedTable
from tests.publication_warehouse import make_edition, make_paths, make_warehouse, no_audit

MATH = "customer_assets.customer_math"
CLOSED = """
insert into governance.period_close (period_kind, period_start, segment, value_basis, closed_on)
values ('month', '2026-09-01', 'all', 'mrr', '2026-10-05');
insert into governance.restatements
values ('month', '2026-09-01', 'all', 'mrr', 'lost_customers', 1, 2, 0, 0, 0, 0, 0, 3, 2, 2);
"""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = make_paths(tmp_path)
    make_warehouse(made)
    return made


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[CheckResult], Path]:
    """Checks of every kind over a few rows, most of them failing: results, and the folder of the pages."""
    folder = tmp_path_factory.mktemp("batch")
    with duckdb.connect() as connection:
        connection.execute(
            "create table bills as select * from (values ('b1', 'secret-1', 1), ('b2', null, 2), "
            "('b2', 'secret-2', 3)) as t(id, status, amount)"
        )
        connection.execute(f"copy bills to '{folder}/bills.parquet'")
        connection.execute(f"copy (select 'b2' as id) to '{folder}/others.parquet'")
    checks = [
        unique("id"),
        never_empty("status"),
        one_of("status", ["paid"]),
        has_rows(4),
        no_rows("{braces} and a join", "select * from {table} as t join plain.others using (id)"),
        no_rows("small", "select * from {table} where amount > 5"),
        never_empty("nowhere"),
        no_rows("broken", "select nowhere from {table}"),
    ]
    files = {"stripe.bills": folder / "bills.parquet", "plain.others": folder / "others.parquet"}
    return validate(files, {"stripe.bills": checks}, folder / "docs"), folder / "docs"


class TestGreatExpectations:
    def test_counts_what_each_check_objects_to(self, outcome: tuple[list[CheckResult], Path]) -> None:
        results, _ = outcome
        found = [(result.passed, result.unexpected_count, result.observed) for result in results[:6]]
        assert found == [
            (False, 1, None),
            (False, 1, None),
            (False, 2, None),
            (False, None, 3),
            (False, 2, None),
            (True, 0, None),
        ]
        assert [result.error for result in results[:6]] == [None] * 6

    def test_a_check_that_cannot_run_says_so_and_does_not_pass(
        self, outcome: tuple[list[CheckResult], Path]
    ) -> None:
        for result in outcome[0][6:]:
            assert not result.passed and result.unexpected_count is None
            assert "nowhere" in result.error

    def test_every_query_shows_the_rows(self, outcome: tuple[list[CheckResult], Path]) -> None:
        assert outcome[0][1].query == 'select * from stripe.bills where "status" is null'

    def test_the_pages_hold_counts_and_no_values(self, outcome: tuple[list[CheckResult], Path]) -> None:
        pages = [page.read_text() for page in outcome[1].rglob("*.html")]
        assert any("2 unexpected values found" in page for page in pages)
        assert not any("secret" in page for page in pages)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a sound warehouse, for changes that are rolled back."""
    paths = make_paths(tmp_path_factory.mktemp("sound"))
    make_warehouse(paths)
    with duckdb.connect(paths.warehouse) as connection:
        write_tables(
            connection, Closings(), "governance", MATH
        )  # the publisher's, so that a change of them is seen too
        connection.execute(CLOSED)
        yield connection


def objections(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The checks that object to something, by table, from their queries alone."""
    found: dict[str, list[str]] = {}
    for table in CHECKS:
        if table == "governance.publications":  # the publisher makes it
            continue
        columns = {row[0]: row[1] for row in connection.execute(f"describe {table}").fetchall()}
        published = PublishedTable(table, "one_company.duckdb", columns, 0, "")
        for check in [*CHECKS[table], *without_addresses(published)]:
            counts_rows = check.expectation == "ExpectTableRowCountToBeBetween"
            if not counts_rows and connection.execute(check.rows.replace("{table}", table)).fetchone():
                found.setdefault(table, []).append(check.name)
    return found


SCORES, QUALITY, UNHEARD, GAMING = (
    f"listening.{table}" for table in ("survey_scores", "response_quality", "unheard_value", "gaming_signs")
)
LOSSES, RETENTION, RENEWALS = (
    f"customer_assets.{table}" for table in ("loss_summary", "revenue_retention", "renewals")
)
ONE_ROW = (
    "period_kind = 'month' and period_start = '2026-10-01' and segment = 'small' and value_basis = 'mrr'"
)

# What is broken, in the warehouse above; a table; and a check that must object to it.
BROKEN: Sequence[tuple[str, str, str]] = [
    (
        "insert into governance.period_close from governance.period_close",
        "governance.period_close",
        "period_kind, period_start, segment, value_basis are unique",
    ),
    (
        "insert into governance.restatements from governance.restatements",
        "governance.restatements",
        "value_basis, measure are unique",
    ),
    ("update governance.restatements set late = 1", "governance.restatements", "the causes sum to"),
    ("update governance.restatements set known_now = 4", "governance.restatements", "the causes sum to"),
    (f"update {MATH} set lost_customers = lost_customers + 1 where {ONE_ROW}", MATH, "= closing, in count"),
    (f"update {MATH} set fx_value = 0.0001 where {ONE_ROW}", MATH, "= closing, in value"),
    (f"update {MATH} set closing_customers = null where {ONE_ROW}", MATH, "= closing, in count"),
    (f"update {MATH} set net_customers = 7 where {ONE_ROW}", MATH, "net customers are"),
    (
        f"update {MATH} set new_customers = -1, opening_customers = opening_customers + 2 where {ONE_ROW}",
        MATH,
        "no count but merged is negative",
    ),
    (
        f"update {MATH} set opening_customers = opening_customers + 1, "
        "closing_customers = closing_customers + 1"
        " where period_start = '2026-10-01' and period_kind = 'month'",
        MATH,
        "the closing of a period is the opening of the next",
    ),
    (
        f"update {MATH} set opening_value = opening_value + 1, closing_value = closing_value + 1"
        " where period_start = '2026-10-01' and period_kind = 'month'",
        MATH,
        "the closing of a period is the opening of the next",
    ),
    (
        f"update {MATH} set expansion_value = 1, contraction_value = 1 where segment = 'small'",
        MATH,
        "segments sum to all",
    ),
    (f"delete from {MATH} where segment = 'small'", MATH, "segments sum to all"),
    (
        f"update {MATH} set transferred_in_customers = 1, transferred_out_customers = 1"
        " where segment = 'all'",
        MATH,
        "nobody is transferred within all",
    ),
    (
        f"update {MATH} set transferred_in_value = 1, closing_value = closing_value + 1 where {ONE_ROW}",
        MATH,
        "segments sum to all",
    ),
    (
        f"update {MATH} set lost_customers = 0, closing_customers = 3, net_customers = 1 where {ONE_ROW}",
        MATH,
        "customers are the same on every value basis",
    ),
    (
        f"update {MATH} set won_back_value = 1, lost_value = lost_value + 1 where period_kind = 'year'",
        MATH,
        "flows of quarters and years are sums of months",
    ),
    (
        "delete from customer_assets.value_movement where movement = 'lost' and customer_id = 'cleo'",
        MATH,
        "months agree with value_movement",
    ),
    (
        "insert into customer_assets.value_movement by name select * replace ('split' as movement) "
        "from customer_assets.value_movement where movement = 'lost' and customer_id = 'cleo'",
        MATH,
        "months agree with value_movement",
    ),
    (
        f"delete from {MATH} where period_start = '2026-09-01' and period_kind = 'month';"
        f" insert into {MATH} by name select * replace (date '2026-08-01' as period_start) from {MATH}"
        " where period_kind = 'month'",
        MATH,
        "periods follow each other without a gap",
    ),
    (
        f"insert into {MATH} from {MATH} limit 1",
        MATH,
        "period_kind, period_start, segment, value_basis are unique",
    ),
    (f"update {MATH} set value_basis = 'arr' where {ONE_ROW}", MATH, "value_basis is one of"),
    (f"update {MATH} set period_kind = 'week' where {ONE_ROW}", MATH, "period_kind is one of"),
    (f"update {MATH} set currency = null where {ONE_ROW}", MATH, "currency is never empty"),
    (f"delete from {MATH}", MATH, "has rows where there is a movement"),
    (
        "insert into customer_assets.value_movement from customer_assets.value_movement limit 1",
        "customer_assets.value_movement",
        "are unique",
    ),
    (
        "update customer_assets.value_movement set movement = 'gone' where customer_id = 'ada'",
        "customer_assets.value_movement",
        "movement is one of",
    ),
    (
        "update customer_assets.value_movement set customer_id = 'nobody' where customer_id = 'ada'",
        "customer_assets.value_movement",
        "every movement belongs to a customer",
    ),
    (
        "update core.revenue_span set valid_to = valid_from where customer_id = 'bert'",
        "core.revenue_span",
        "a span ends after it starts",
    ),
    (
        "update core.revenue_span set customer_id = 'nobody' where customer_id = 'bert'",
        "core.revenue_span",
        "every span belongs to a customer",
    ),
    (
        "insert into core.customer_purchase (customer_id, purchased_on, amount, currency, active_to) "
        "values ('bert', '2025-01-10', 1, 'EUR', '2025-01-10')",
        "core.customer_purchase",
        "a purchase keeps its buyer active for a day at least",
    ),
    (
        "insert into core.customer_purchase (customer_id, purchased_on, amount, currency) "
        "values ('nobody', '2025-01-10', 1, 'EUR')",
        "core.customer_purchase",
        "every purchase belongs to a customer",
    ),
    ("delete from core.identity_map", "core.identity_map", "has rows where customers were landed"),
    (
        "update core.identity_map set customer_id = 'nobody' where customer_id = 'bert'",
        "core.identity_map",
        "every source record belongs to a customer",
    ),
    ("insert into core.segment values ('small')", "core.segment", "segment is unique"),
    (
        "insert into core.period select * from core.period limit 1",
        "core.period",
        "period_kind, period_start are unique",
    ),
    (
        "update governance.batches set rows_landed = 3 where batch_id = 'b1'",
        "governance.batches",
        "every record of an accepted file was landed or refused",
    ),
    (
        "update governance.batches set rows_landed = null where batch_id = 'b1'",
        "governance.batches",
        "every record of an accepted file was landed or refused",
    ),
    (
        "insert into governance.batches from governance.batches limit 1",
        "governance.batches",
        "batch_id is unique",
    ),
    (
        "update governance.refused_rows set reason = null",
        "governance.refused_rows",
        "reason is never empty",
    ),
    (
        "insert into governance.identity_review from governance.identity_review limit 1",
        "governance.identity_review",
        "customer_id, other_customer_id, reason are unique",
    ),
    (
        "update governance.identity_review set other_customer_id = customer_id",
        "governance.identity_review",
        "a pair is of two customers",
    ),
    (
        "update governance.identity_review set value_at_stake = value",
        "governance.identity_review",
        "what is at stake is the lesser value",
    ),
    (
        "insert into alignment.definition_profile from alignment.definition_profile",
        "alignment.definition_profile",
        "profile, policy are unique",
    ),
    (
        "update alignment.definition_profile set is_different = true",
        "alignment.definition_profile",
        "a policy is told apart where it differs",
    ),
    (
        "insert into alignment.definition_variance from alignment.definition_variance where metric = 'retention'",
        "alignment.definition_variance",
        "profile, metric, period_kind, period_start are unique",
    ),
    (
        "update alignment.definition_variance set why_unknown = null",
        "alignment.definition_variance",
        "a figure that is null says why",
    ),
    (
        "update alignment.definition_variance set difference = 2 where metric <> 'retention'",
        "alignment.definition_variance",
        "the difference is that of the two figures",
    ),
    (
        "insert into alignment.definition_bridge from alignment.definition_bridge limit 1",
        "alignment.definition_bridge",
        "profile, metric, period_kind, period_start, step are unique",
    ),
    (
        "update alignment.definition_bridge set figure_after = 9",
        "alignment.definition_bridge",
        "a step leads from one figure to the next",
    ),
    (
        "delete from alignment.definition_bridge where step = 2",
        "alignment.definition_bridge",
        "the steps of a bridge sum to the difference",
    ),
    (
        "insert into alignment.customer_set_difference from alignment.customer_set_difference",
        "alignment.customer_set_difference",
        "profile, step, metric, customer_id, month_from are unique",
    ),
    (
        "update alignment.customer_set_difference set month_to = month_from",
        "alignment.customer_set_difference",
        "a customer differs for a month at least",
    ),
    (
        "insert into alignment.metric_inventory from alignment.metric_inventory where kind = 'silo_metric'",
        "alignment.metric_inventory",
        "kind, silo, metric are unique",
    ),
    (
        "update alignment.metric_inventory set orphan_metrics = 2 where kind = 'total'",
        "alignment.metric_inventory",
        "a total has a silo's metrics, orphans among them",
    ),
    (
        "update alignment.metric_inventory set links = 1 where kind = 'silo_metric'",
        "alignment.metric_inventory",
        "an orphan is linked to nothing",
    ),
    (
        "insert into alignment.silo_metric_conflicts from alignment.silo_metric_conflicts",
        "alignment.silo_metric_conflicts",
        "silo, metric, customer_metric are unique",
    ),
    (
        "update alignment.silo_metric_conflicts set months_in_conflict = 3",
        "alignment.silo_metric_conflicts",
        "what is observed has six pairs at least",
    ),
    (
        "update alignment.silo_metric_conflicts set paired_months = 5, conflict = 'none'",
        "alignment.silo_metric_conflicts",
        "a correlation has six pairs at least",
    ),
    (
        "update alignment.silo_metric_conflicts set correlation = null",
        "alignment.silo_metric_conflicts",
        "a correlation that is null says why",
    ),
    (
        "update alignment.silo_metric_conflicts set severity = null",
        "alignment.silo_metric_conflicts",
        "a severity that is null says why",
    ),
    (
        "insert into alignment.handoffs from alignment.handoffs",
        "alignment.handoffs",
        "period_kind, period_start, from_stage, to_stage are unique",
    ),
    (
        "update alignment.handoffs set decided_customers = 1",
        "alignment.handoffs",
        "whom a handoff lost is decided and was green",
    ),
    (
        "update alignment.handoffs set late_customers = 0",
        "alignment.handoffs",
        "whom a handoff lost was late, failed or missing",
    ),
    *(
        (f"insert into listening.{table} from listening.{table} limit 1", f"listening.{table}", "are unique")
        for table in ("feedback", "issue_volume", "close_the_loop")
    ),
    (
        "update listening.feedback set is_uncategorised = true",
        "listening.feedback",
        "what has a category says how it was found",
    ),
    ("update listening.feedback set has_words = true", "listening.feedback", "only answers say nothing"),
    (
        "update listening.issue_volume set aided_items = null",
        "listening.issue_volume",
        "items are those asked for and those volunteered",
    ),
    (
        "delete from listening.issue_volume where segment = 'small'",
        "listening.issue_volume",
        "segments and categories sum to all",
    ),
    (
        "update listening.issue_volume set emergence_score = 2",
        "listening.issue_volume",
        "what emerges is told or says why not",
    ),
    (
        "update listening.close_the_loop set missed_cases = 1",
        "listening.close_the_loop",
        "every elapsed case was kept, late or is overdue",
    ),
    (
        "update listening.close_the_loop set detractors_rescued = 3",
        "listening.close_the_loop",
        "who is rescued was asked again and was a detractor",
    ),
    (
        "update listening.close_the_loop set median_hours = null",
        "listening.close_the_loop",
        "a median that is null says why",
    ),
    (
        "insert into listening.listening_inventory from listening.listening_inventory limit 1",
        "listening.listening_inventory",
        "vendor, system, survey_ref are unique",
    ),
    (
        "update listening.listening_inventory set survey_ref = null where survey_ref = 'leaving'",
        "listening.listening_inventory",
        "a row without a survey says what is missing",
    ),
    (
        "update listening.listening_inventory set sends = 1 where survey_ref = 'leaving'",
        "listening.listening_inventory",
        "what is silent is declared",
    ),
    (
        "insert into listening.listening_coverage from listening.listening_coverage limit 1",
        "listening.listening_coverage",
        "stage, kind are unique",
    ),
    (
        "update listening.listening_coverage set kind = 'guessed' where sources = 1",
        "listening.listening_coverage",
        "kind is one of",
    ),
    (
        "update listening.listening_coverage set is_gap = true",
        "listening.listening_coverage",
        "a gap is where nothing listens",
    ),
    (
        "insert into listening.survey_wordings from listening.survey_wordings",
        "listening.survey_wordings",
        "vendor, system, survey_ref, metric, version are unique",
    ),
    (
        "update listening.survey_wordings set wording = null",
        "listening.survey_wordings",
        "wording is never empty",
    ),
    (
        "update listening.survey_wordings set first_exported_on = '2026-11-01'",
        "listening.survey_wordings",
        "words are exported from their first to their last day",
    ),
    (
        "insert into listening.survey_pressure from listening.survey_pressure",
        "listening.survey_pressure",
        "period_kind, period_start, unit, segment, vendor, system, survey_ref are unique",
    ),
    (
        "update listening.survey_pressure set unit = 'team'",
        "listening.survey_pressure",
        "unit is one of",
    ),
    (
        "update listening.survey_pressure set breaches_across_surveys = 2",
        "listening.survey_pressure",
        "a breach is an ask",
    ),
    (
        "update listening.survey_pressure set pressed_units = 2",
        "listening.survey_pressure",
        "whoever was asked too soon was asked",
    ),
    (
        "insert into listening.opt_out_leaks from listening.opt_out_leaks",
        "listening.opt_out_leaks",
        "vendor, system, object, source_ref, opted_out_vendor, opted_out_system are unique",
    ),
    (
        "update listening.opt_out_leaks set sent_on = '2026-09-30'",
        "listening.opt_out_leaks",
        "whoever had opted out was asked after it",
    ),
    (
        "insert into listening.listening_decisions from listening.listening_decisions limit 1",
        "listening.listening_decisions",
        "vendor, system, survey_ref are unique",
    ),
    (
        "update listening.listening_decisions set recommendation = 'ask more' where state = 'running'",
        "listening.listening_decisions",
        "recommendation is one of",
    ),
    (
        "update listening.listening_decisions set recommendation = 'keep'",
        "listening.listening_decisions",
        "what does not run is to be stopped",
    ),
    (
        "update listening.listening_decisions set decided_by = null",
        "listening.listening_decisions",
        "a decision is somebody's",
    ),
    (
        "insert into governance.missing_records from governance.missing_records limit 1",
        "governance.missing_records",
        "vendor, system, object, source_ref are unique",
    ),
    (
        "update governance.missing_records set state = 'gone' where source_ref = 'dora'",
        "governance.missing_records",
        "state is one of",
    ),
    (
        "update governance.missing_records set last_seen_at = null where source_ref = 'dora'",
        "governance.missing_records",
        "what was left out was seen before",
    ),
    (
        "update governance.missing_records set named_by = 0 where source_ref = 'emil'",
        "governance.missing_records",
        "what was never sent was never seen and is named by others",
    ),
    (
        "insert into customer_assets.loss_reasons values ('month', '2026-10-01', 'all', 'price', 1),"
        " ('month', '2026-10-01', 'all', 'price', 2)",
        "customer_assets.loss_reasons",
        "are unique",
    ),
    *(
        (f"insert into {table} from {table} limit 1", table, "are unique")
        for table in (LOSSES, RETENTION, RENEWALS)
    ),
    (
        f"update {LOSSES} set lost_customers = 7, unknown_lost_customers = 7, voluntary_lost_customers = 0",
        LOSSES,
        "are those of customer_math",
    ),
    (
        f"update {LOSSES} set unknown_lost_customers = unknown_lost_customers + 1",
        LOSSES,
        "every loss is of one kind",
    ),
    (f"delete from {RETENTION} where segment = 'all'", RETENTION, "are those of customer_math"),
    (
        f"update {RETENTION} set kept_customers = -1, lost_of_opening = opening_customers + 1",
        RETENTION,
        "who is kept or lost of an opening was in it",
    ),
    (
        f"update {RETENTION} set retained_value = 0 where opening_value > 0",
        RETENTION,
        "gross retention is a share, and no more than net retention",
    ),
    (
        f"update {RENEWALS} set renewed_contracts = 3, unrenewed_contracts = -1",
        RENEWALS,
        "what was renewed had fallen due",
    ),
    (f"update {RENEWALS} set kept_value = 145", RENEWALS, "what was renewed had fallen due"),
    *(
        (f"insert into {table} from {table} limit 1", table, "are unique")
        for table in (SCORES, QUALITY, UNHEARD, GAMING)
    ),
    (f"update {SCORES} set passives = 3", SCORES, "every respondent is of one kind"),
    (f"update {SCORES} set nps = 50", SCORES, "every respondent is of one kind"),
    (f"update {SCORES} set is_small_cell = true", SCORES, "a score that few gave is not told"),
    (f"update {SCORES} set nps_margin = 200", SCORES, "a margin is of no more than the scale"),
    (f"update {SCORES} set top_box_share_low = 0.9", SCORES, "a share is told with its bounds"),
    (f"update {QUALITY} set bounced_invitations = 2", QUALITY, "what was sent bounced or was delivered"),
    (
        f"update {QUALITY} set partial_invitations = null",
        QUALITY,
        "what was sent was answered, begun, opened",
    ),
    (f"update {QUALITY} set response_rate = 0.2", QUALITY, "without invitations there is no rate"),
    (f"update {UNHEARD} set heard_value = 121", UNHEARD, "who is active is heard or not"),
    (f"update {UNHEARD} set silent_customers = 2", UNHEARD, "who is not heard is silent or was never asked"),
    (f"update {GAMING} set is_sign = false", GAMING, "a sign that cannot be told says why"),
    (f"update {GAMING} set found = 11", GAMING, "what is found is among the cases"),
    (
        "update core.identity_map set source_ref = 'x, ada@example.com' where source_ref = 'ada'",
        "core.identity_map",
        "no text holds an e-mail address",
    ),
]


def test_a_sound_warehouse_breaks_nothing(sound: duckdb.DuckDBPyConnection) -> None:
    assert objections(sound) == {}


@pytest.mark.parametrize("change, table, objection", BROKEN)
def test_what_is_broken_is_found(
    sound: duckdb.DuckDBPyConnection, change: str, table: str, objection: str
) -> None:
    sound.execute("begin")
    try:
        sound.execute(change)
        found = objections(sound).get(table, [])
    finally:
        sound.execute("rollback")
    assert any(objection in name for name in found)


def test_every_check_is_shown_to_fail() -> None:
    """Checks of single columns share one maker each, so one of a kind is enough for them."""
    laws = [
        (table, check.name)
        for table, checks in CHECKS.items()
        for check in checks
        if not re.search(r"is never empty|has at least|is one of", check.name)
    ]
    shown = [(table, objection) for _, table, objection in BROKEN]
    missed = [
        (table, name)
        for table, name in laws
        if not any(table == other and objection in name for other, objection in shown)
    ]
    assert missed == [("governance.publications", "publication_id is unique")]


class TestAnAuditedPublication:
    def test_is_published_with_its_pages(self, paths: Paths) -> None:
        done = publish(paths, make_edition())
        assert done.is_new and all(check.passed for check in done.checks)
        assert done.manifest["checks"]["passed"] == len(done.checks) > 60
        index = (done.folder / "audit" / "index.html").read_text(encoding="utf-8")
        for page in re.findall('href="([^"]+)"', index):
            assert (done.folder / "audit" / page).is_file()
        assert "customer_assets.customer_math" in index
        assert "http" not in index  # it opens without a network

    def test_that_fails_leaves_the_old_one_and_says_what_to_look_at(self, paths: Paths) -> None:
        publish(paths, make_edition("a" * 64), audit=no_audit)
        make_warehouse(paths, and_then=f"update {MATH} set fx_value = 1 where period_kind = 'month'")
        with pytest.raises(AuditFailed) as caught:
            publish(paths, make_edition("b" * 64))
        assert os.readlink(paths.current) == "2026-10-31-aaaaaaaaaa"
        assert [path.name for path in paths.published.iterdir() if path.name.startswith(".")] == []
        text = str(caught.value)
        assert f"{MATH}: 'opening + new + won back + expansion" in text
        assert "does not hold (12 rows)" in text
        query = re.search(r'in value\'.*duckdb -readonly (\S+) "([^"]+)"', text)
        with duckdb.connect(query[1], read_only=True) as connection:
            assert len(connection.execute(query[2]).fetchall()) == 12

    def test_wants_every_table_of_the_interface(self, paths: Paths) -> None:
        make_warehouse(paths, and_then="drop table core.segment")
        with pytest.raises(UserError, match=r"no table core\.segment"):
            publish(paths, make_edition())
