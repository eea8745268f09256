"""A small warehouse, made by hand, with the tables that every publication has.

Three customers of one segment, 2026-09 to 2026-10, in dollars a month:

    ada    100 from 5 September, 150 from 10 October
    bert    40 from 12 September to 20 October, when he leaves over the price
    cleo    60 from 3 October to 25 October, when she leaves and nobody knows why
"""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from dagster_project.paths import Paths
from dagster_project.publication import Edition

AS_OF = date(2026, 10, 31)
NOW = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)

TABLES = """
create schema alignment;
create schema core;
create schema customer_assets;
create schema governance;
create schema listening;
create schema restricted;
create schema waist;

create table waist.party as select 'not published' as party;

create table core.customer (customer_id varchar, kind varchar, is_customer boolean, valid_from date,
valid_to date); create table core.identity_map (
    vendor varchar, system varchar, object varchar, source_ref varchar, customer_id varchar, match_rule
    varchar, match_score decimal(18,6), valid_from date, valid_to date);
create table core.identity_evidence (vendor varchar, source_ref varchar, rule varchar);
create table core.revenue_span (
    customer_id varchar, line_ref varchar, valid_from date, valid_to date, amount decimal(18,4), currency
    varchar, interval varchar, interval_count integer, monthly_amount decimal(18,4), mrr_value
    decimal(18,4), annualised_value decimal(18,4), vendor varchar, system varchar, object varchar,
    source_ref varchar, batch_id varchar, record bigint, is_provisional boolean);
create table core.customer_purchase (
    customer_id varchar, purchased_on date, active_to date, amount decimal(18,4), currency varchar, vendor varchar,
    system varchar, object varchar, source_ref varchar, batch_id varchar, record bigint);
create table core.segment (segment varchar);
create table core.period (period_kind varchar, period_start date);
create table core.metric_definition (metric varchar, definition_version integer, definition varchar);
create table customer_assets.value_movement (
    customer_id varchar, moved_on date, movement varchar, segment varchar, currency varchar,
    mrr_value decimal(18,4), annualised_value decimal(18,4), trailing_12m_value decimal(18,4), reason
    varchar);
create table customer_assets.loss_reasons (
    period_kind varchar, period_start date, segment varchar, reason varchar, lost_customers bigint);
create table customer_assets.warnings (
    period_kind varchar, period_start date, segment varchar, value_basis varchar, flag varchar, sentence varchar);
create table alignment.definition_profile (
    profile varchar, policy varchar, profile_says varchar, one_company_says varchar, is_different boolean);
create table alignment.definition_variance (
    profile varchar, metric varchar, period_kind varchar, period_start date, recomputed decimal(22,6),
    one_company decimal(22,6), difference decimal(22,6), why_unknown varchar);
create table alignment.definition_bridge (
    profile varchar, metric varchar, period_kind varchar, period_start date, step integer, figure_before decimal(22,6),
    difference decimal(22,6), figure_after decimal(22,6));
create table alignment.customer_set_difference (
    profile varchar, step integer, metric varchar, customer_id varchar, month_from date, month_to date,
    difference decimal(22,6));
create table alignment.metric_inventory (
    kind varchar, silo varchar, metric varchar, links bigint, is_orphan boolean, silo_metrics bigint, orphan_metrics bigint);
create table alignment.silo_metric_conflicts (
    silo varchar, metric varchar, customer_metric varchar, conflict varchar, paired_months bigint,
    months_in_conflict bigint, expected_months_in_conflict decimal(18,6), severity decimal(18,4),
    why_no_severity varchar, correlation decimal(18,6), why_no_correlation varchar);
create table alignment.handoffs (
    period_kind varchar, period_start date, from_stage varchar, to_stage varchar, green_customers bigint,
    decided_customers bigint, handoff_loss_customers bigint, late_customers bigint, failed_customers bigint,
    missing_customers bigint);
create table listening.feedback (
    vendor varchar, system varchar, object varchar, source_ref varchar, kind varchar, given_on date, has_words boolean,
    category varchar, found_by varchar, is_uncategorised boolean);
create table listening.issue_volume (
    period_kind varchar, period_start date, segment varchar, category varchar, aided_items bigint, unaided_items bigint,
    items bigint, all_items bigint, emergence_score decimal(18,6), is_emerging boolean, why_not_tested varchar);
create table listening.close_the_loop (
    period_kind varchar, period_start date, owner varchar, clock varchar, owed_cases bigint, elapsed_cases bigint,
    kept_cases bigint, late_cases bigint, overdue_cases bigint, missed_cases bigint, median_hours decimal(18,6),
    why_no_median varchar, detractors bigint, detractors_asked_again bigint, detractors_rescued bigint);
create table listening.listening_inventory (
    vendor varchar, system varchar, survey_ref varchar, is_declared boolean, state varchar, sends bigint, answers bigint,
    missing_source varchar);
create table listening.listening_coverage (stage varchar, kind varchar, sources bigint, is_gap boolean);
create table listening.survey_pressure (
    period_kind varchar, period_start date, unit varchar, segment varchar, vendor varchar, system varchar,
    survey_ref varchar, asks bigint, asked_units bigint, most_asks bigint, breaches bigint, breaches_across_surveys bigint,
    pressed_units bigint);
create table listening.opt_out_leaks (
    vendor varchar, system varchar, object varchar, source_ref varchar, opted_out_vendor varchar,
    opted_out_system varchar, opted_out_on date, sent_on date, days_since_opt_out integer);
create table listening.listening_decisions (
    vendor varchar, system varchar, survey_ref varchar, state varchar, recommendation varchar, decision varchar,
    decided_by varchar);
create table listening.survey_scores (
    vendor varchar, system varchar, survey_ref varchar, metric varchar, points integer, ces_version varchar, unit varchar,
    period_kind varchar, period_start date, segment varchar, respondents bigint, promoters bigint, passives bigint,
    detractors bigint, nps decimal(18,6), nps_margin decimal(18,6), top_box_share decimal(18,6), top_box_share_low decimal(18,6),
    top_box_share_high decimal(18,6), mean_score decimal(18,6), is_small_cell boolean);
create table listening.response_quality (
    vendor varchar, system varchar, survey_ref varchar, period_kind varchar, period_start date, segment varchar,
    sent_invitations bigint, bounced_invitations bigint, delivered_invitations bigint, finished_invitations bigint,
    partial_invitations bigint, refused_invitations bigint, unknown_invitations bigint, delivery_rate decimal(18,6),
    response_rate decimal(18,6), aapor_rr1 decimal(18,6), aapor_rr2 decimal(18,6), missing_source varchar);
create table listening.unheard_value (
    period_kind varchar, period_start date, segment varchar, value_band varchar, active_customers bigint,
    heard_customers bigint, silent_customers bigint, never_asked_customers bigint, unheard_customers bigint,
    active_value decimal(18,4), heard_value decimal(18,4), silent_value decimal(18,4), never_asked_value decimal(18,4),
    unheard_value decimal(18,4), missing_source varchar);
create table listening.survey_wordings (
    vendor varchar, system varchar, survey_ref varchar, metric varchar, version integer, wording varchar, first_exported_on date,
    last_exported_on date, is_current boolean);
create table listening.gaming_signs (
    vendor varchar, system varchar, survey_ref varchar, sign varchar, is_sign boolean, cases bigint, found bigint,
    why_unknown varchar);
create table governance.batches (
    vendor varchar, system varchar, object varchar, file varchar, batch_id varchar, extracted_at timestamp,
    status varchar, rows_in_file bigint, rows_landed bigint, rows_refused bigint);
create table governance.refused_rows (
    file varchar, record bigint, line bigint, field varchar, reason varchar);
create table governance.coverage (
    source varchar, status varchar, measure varchar, resolved decimal(18,4), total decimal(18,4),
    coverage decimal(18,6));
create table governance.identity_review (
    customer_id varchar, other_customer_id varchar, reason varchar, value decimal(18,4), other_value decimal(18,4),
    value_at_stake decimal(18,4));
create table governance.missing_records (
    vendor varchar, system varchar, object varchar, source_ref varchar, state varchar, last_seen_at timestamp,
    named_by bigint);
create table restricted.customer_contact (customer_id varchar, name varchar, email varchar);

comment on table customer_assets.value_movement is 'One row per customer''s movement and day.';
comment on column customer_assets.value_movement.moved_on is 'The day it happened, in the company''s zone.';
"""

ROWS = """
insert into core.customer
    select unnest(['ada', 'bert', 'cleo']), 'organisation', true, date '2026-09-05', null;
insert into core.identity_map
    select 'plain', 'plain', 'customers', customer_id, customer_id, 'own', 1, date '2026-09-05', null
    from core.customer;
insert into core.revenue_span values
    ('ada', 's1', '2026-09-05', '2026-10-10', 100, 'USD', 'month', 1, 100, 100, 1200,
        'plain', 'plain', 'subscriptions', 's1', 'b1', 1, false),
    ('ada', 's1', '2026-10-10', null, 150, 'USD', 'month', 1, 150, 150, 1800,
        'plain', 'plain', 'subscriptions', 's1', 'b1', 2, false),
    ('bert', 's2', '2026-09-12', '2026-10-20', 40, 'USD', 'month', 1, 40, 40, 480,
        'plain', 'plain', 'subscriptions', 's2', 'b1', 3, false),
    ('cleo', 's3', '2026-10-03', '2026-10-25', 60, 'USD', 'month', 1, 60, 60, 720,
        'plain', 'plain', 'subscriptions', 's3', 'b1', 4, false);
insert into core.segment values ('small');
insert into core.metric_definition values ('lost_customers', 1, '=SUM of customers that left');
insert into customer_assets.value_movement values
    ('ada', '2026-09-05', 'new', 'small', 'USD', 100, 1200, 0, null),
    ('bert', '2026-09-12', 'new', 'small', 'USD', 40, 480, 0, null),
    ('cleo', '2026-10-03', 'new', 'small', 'USD', 60, 720, 0, null),
    ('ada', '2026-10-10', 'expansion', 'small', 'USD', 50, 600, 0, null),
    ('bert', '2026-10-20', 'lost', 'small', 'USD', 40, 480, 0, 'price'),
    ('cleo', '2026-10-25', 'lost', 'small', 'USD', 60, 720, 0, null);
insert into customer_assets.warnings values
    ('month', '2026-10-01', 'all', 'mrr', 'is_revenue_masking_loss', 'You earn more, and yet more left than came.'),
    ('month', '2026-10-01', 'all', 'annualised', 'is_revenue_masking_loss', 'Yearly.'),
    ('month', '2026-10-01', 'small', 'mrr', 'is_revenue_masking_loss', 'Of the small.'),
    ('month', '2026-09-01', 'all', 'mrr', 'is_revenue_masking_loss', 'Of September.'),
    ('quarter', '2026-10-01', 'all', 'mrr', 'is_revenue_masking_loss', 'Of the quarter.');
insert into governance.batches values
    ('plain', 'plain', 'subscriptions', 'plain/subscriptions.csv', 'b1', '2026-10-31 12:00', 'accepted',
    5, 4, 1), ('plain', 'plain', 'customers', 'plain/customers.csv', 'b2', '2026-10-31 12:00', 'accepted',
    3, 3, 0), ('stripe', 'stripe', 'invoices', 'stripe/invoices.csv', 'b3', '2026-10-31 12:00', 'held', 2,
    0, 0);
insert into governance.refused_rows values ('plain/subscriptions.csv', 5, 6, 'amount', 'not a number');
insert into governance.identity_review values ('ada', 'bert', 'unsure', 1800, 0, 0);
insert into governance.missing_records values
    ('plain', 'plain', 'customers', 'dora', 'left_out', '2026-10-01 12:00:00', 0),
    ('plain', 'plain', 'customers', 'emil', 'never_sent', null, 2);
insert into alignment.definition_profile values
    ('billing', 'trials', 'counted', 'not_counted', true), ('billing', 'paused', 'lost', 'lost', false);
insert into alignment.definition_variance values
    ('billing', 'closing_customers', 'month', '2026-10-01', 4, 1, 3, null),
    ('billing', 'retention', 'month', '2026-10-01', null, null, null, 'few_customers');
insert into alignment.definition_bridge values
    ('billing', 'closing_customers', 'month', '2026-10-01', 1, 1, 1, 2),
    ('billing', 'closing_customers', 'month', '2026-10-01', 2, 2, 2, 4);
insert into alignment.customer_set_difference values
    ('billing', 1, 'closing_customers', 'bert', '2026-10-01', null, 1);
insert into alignment.metric_inventory values
    ('silo_metric', 'warehouse', 'speed', 0, true, null, null), ('total', 'warehouse', null, 0, null, 1, 1);
insert into alignment.silo_metric_conflicts values
    ('warehouse', 'speed', 'lost_customers', 'observed', 12, 6, 3, 100, null, 0.5, null);
insert into alignment.handoffs values ('month', '2026-10-01', 'send', 'receive', 3, 3, 2, 1, 1, 0);
insert into listening.feedback values
    ('plain', 'plain', 'tickets', 't1', 'ticket', '2026-10-01', true, 'billing', 'words', false),
    ('plain', 'plain', 'survey_responses', 'r1', 'survey_answer', '2026-10-01', false, null, null, null);
insert into listening.issue_volume
    select 'month', '2026-10-01', segment, category, 3, 4, 7, 7, 3.5,
        if(category = 'all', null, true), if(category = 'all', 'total', null)
    from (values ('small'), ('all')) as s(segment), (values ('billing'), ('all')) as c(category);
insert into listening.close_the_loop values
    ('month', '2026-10-01', 'team:shop', 'told', 9, 7, 4, 2, 1, 3, 12.5, null, 3, 2, 1);
insert into listening.listening_inventory values
    ('qualtrics', 'qualtrics', 'yearly', true, 'running', 3, 1, null),
    ('qualtrics', 'qualtrics', 'leaving', true, 'silent', null, null, null);
insert into listening.listening_coverage values ('pay', 'aided', 1, false), ('pay', 'unaided', 0, true);
insert into listening.survey_pressure values
    ('month', '2026-10-01', 'person', 'all', 'all', 'all', 'all', 3, 2, 2, 1, 1, 1);
insert into listening.opt_out_leaks values
    ('qualtrics', 'qualtrics', 'contacts', 'c1', 'delighted', 'delighted', '2026-10-01', '2026-10-05', 4);
insert into listening.listening_decisions values
    ('qualtrics', 'qualtrics', 'yearly', 'running', 'keep', 'keep', 'team:cco-office'),
    ('qualtrics', 'qualtrics', 'leaving', 'silent', 'stop', null, null);
insert into listening.survey_scores values
    ('plain', 'plain', 'rel', 'nps', 11, null, 'person', 'month', '2026-10-01', 'all', 6, 3, 2, 1, 33.333333, 59.640901, null, null,
        null, 7.666667, false),
    ('plain', 'plain', 'help', 'csat', 5, null, 'person', 'month', '2026-10-01', 'all', 5, null, null, null, null, null, 0.8, 0.376,
        0.964, 4.2, false);
insert into listening.response_quality values
    ('plain', 'plain', 'rel', 'month', '2026-10-01', 'all', 11, 1, 10, 2, 3, 2, 4, 0.909091, 0.2, 0.181818, 0.454545, null),
    ('plain', 'plain', 'help', 'month', '2026-10-01', 'all', null, null, null, null, null, null, null, null, null, null, null,
        'invitations');
insert into listening.unheard_value values
    ('month', '2026-10-01', 'all', 'all', 3, 1, 1, 1, 2, 360, 120, 200, 40, 240, null);
insert into listening.survey_wordings values
    ('plain', 'plain', 'rel', 'nps', 1, 'How likely?', '2026-09-01', '2026-10-01', true);
insert into listening.gaming_signs values
    ('plain', 'plain', 'rel', 'staff_answers', true, 10, 2, null),
    ('plain', 'plain', 'rel', 'begging_wording', null, 0, 0, 'no export tells the wording');
insert into governance.coverage values
    ('plain', 'present', 'customers', 3, 3, 1), ('stripe', 'missing', 'customers', null, null, null);
insert into restricted.customer_contact values ('ada', 'Ada', 'ada@example.com');
"""

# Counted from the movements: small enough to follow, and apart from how the models do it.
MATH = """
create table customer_assets.customer_math as
with basis(value_basis) as (values ('mrr'), ('annualised'), ('trailing_12m')),
segments(segment) as (select segment from core.segment union all select 'all'),
spans(period_kind, period_start, period_end) as (
    select 'month', cast(m as date), cast(m + interval 1 month as date)
    from generate_series(
        (select date_trunc('month', min(moved_on)) from customer_assets.value_movement),
        cast($as_of as timestamp), interval 1 month) as t(m)
    union select 'quarter', cast(date_trunc('quarter', cast(m as date)) as date),
        cast(date_trunc('quarter', cast(m as date)) + interval 3 month as date)
    from generate_series(
        (select date_trunc('month', min(moved_on)) from customer_assets.value_movement),
        cast($as_of as timestamp), interval 1 month) as t(m)
    union select 'year', cast(date_trunc('year', cast(m as date)) as date),
        cast(date_trunc('year', cast(m as date)) + interval 1 year as date)
    from generate_series(
        (select date_trunc('month', min(moved_on)) from customer_assets.value_movement),
        cast($as_of as timestamp), interval 1 month) as t(m)
),
moved as (
    select *, case value_basis when 'mrr' then mrr_value when 'annualised' then annualised_value
        else trailing_12m_value end as value
    from customer_assets.value_movement, basis
),
flows as (
    select period_kind, period_start, s.segment, b.value_basis,
        coalesce(sum(case movement when 'new' then 1 when 'won_back' then 1 when 'lost' then -1 else 0 end)
            filter (where moved_on < period_start), 0) as opening_customers,
        count(*) filter (where movement = 'new' and moved_on >= period_start) as new_customers,
        count(*) filter (where movement = 'won_back' and moved_on >= period_start) as won_back_customers,
        count(*) filter (where movement = 'lost' and moved_on >= period_start) as lost_customers,
        coalesce(sum(case when movement in ('lost', 'contraction') then -value else value end)
            filter (where moved_on < period_start), 0) as opening_value,
        coalesce(sum(value) filter (where movement = 'new' and moved_on >= period_start), 0) as new_value,
        coalesce(sum(value) filter (where movement = 'won_back' and moved_on >= period_start), 0) as
        won_back_value, coalesce(sum(value) filter (where movement = 'expansion' and moved_on >=
        period_start), 0) as expansion_value, coalesce(sum(value) filter (where movement = 'contraction'
        and moved_on >= period_start), 0)
            as contraction_value,
        coalesce(sum(value) filter (where movement = 'lost' and moved_on >= period_start), 0) as lost_value
    from spans, segments as s, basis as b
    left join moved as m
        on m.value_basis = b.value_basis and s.segment in (m.segment, 'all') and m.moved_on < period_end
    group by all
)
select period_kind, period_start, segment, value_basis, 'USD' as currency,
    cast(opening_customers as bigint) as opening_customers, new_customers, won_back_customers, lost_customers,
    cast(0 as bigint) as transferred_in_customers, cast(0 as bigint) as transferred_out_customers,
    cast(0 as bigint) as merged_customers,
    cast(opening_customers + new_customers + won_back_customers - lost_customers as bigint) as
    closing_customers, new_customers + won_back_customers - lost_customers as net_customers,
    cast(opening_value as decimal(18,4)) as opening_value, cast(new_value as decimal(18,4)) as new_value,
    cast(won_back_value as decimal(18,4)) as won_back_value, cast(expansion_value as decimal(18,4)) as
    expansion_value, cast(contraction_value as decimal(18,4)) as contraction_value, cast(lost_value as
    decimal(18,4)) as lost_value, cast(0 as decimal(18,4)) as transferred_in_value, cast(0 as
    decimal(18,4)) as transferred_out_value, cast(0 as decimal(18,4)) as fx_value, cast(opening_value +
    new_value + won_back_value + expansion_value - contraction_value - lost_value
        as decimal(18,4)) as closing_value,
    cast(new_value + won_back_value + expansion_value - contraction_value - lost_value as decimal(18,4))
    as net_value, cast(null as decimal(18,6)) as value_exchange_ratio, cast(null as decimal(18,6)) as
    replacement_share
from flows;
insert into core.period select distinct period_kind, period_start from customer_assets.customer_math;
"""

# Of the other measures what the audit looks at.
MEASURES = """
create table customer_assets.loss_summary as
select
    period_kind, period_start, segment, value_basis, lost_customers, lost_value,
    cast(lost_customers - least(lost_customers, 1) as bigint) as voluntary_lost_customers,
    cast(0 as bigint) as involuntary_lost_customers, cast(0 as bigint) as uncontrollable_lost_customers,
    cast(least(lost_customers, 1) as bigint) as unknown_lost_customers
from customer_assets.customer_math;
create table customer_assets.revenue_retention as
select
    period_kind, period_start, segment, value_basis, opening_customers, new_value, expansion_value, lost_value,
    cast(least(lost_customers, opening_customers) as bigint) as lost_of_opening,
    cast(opening_customers - least(lost_customers, opening_customers) as bigint) as kept_customers,
    opening_value, opening_value as retained_value, opening_value as protected_value
from customer_assets.customer_math;
create table customer_assets.renewals (
    period_kind varchar, period_start date, segment varchar, term varchar, value_basis varchar, due_contracts bigint,
    renewed_contracts bigint, unrenewed_contracts bigint, due_value decimal(18,4), renewed_value decimal(18,4),
    kept_value decimal(18,4));
insert into customer_assets.renewals values ('month', '2026-10-01', 'all', 'month', 'mrr', 2, 1, 1, 140, 150, 100);
"""


def make_paths(folder: Path) -> Paths:
    return Paths(exports=folder / "exports", reference=folder / "reference", home=folder / "home")


def make_warehouse(paths: Paths, rows: str = ROWS, and_then: str = "") -> None:
    """Write `home/warehouse.duckdb` anew; `and_then` changes it after all is counted."""
    paths.home.mkdir(parents=True, exist_ok=True)
    paths.warehouse.unlink(missing_ok=True)
    with duckdb.connect(paths.warehouse) as connection:
        connection.execute(TABLES)
        connection.execute(rows)
        connection.execute(MATH.replace("$as_of", f"date '{AS_OF}'"))
        connection.execute(MEASURES)
        connection.execute(and_then)


def make_small_warehouse(paths: Paths, *also: str) -> None:
    """The same with no more tables than publishing needs, and some also: for tests that publish many times."""
    kept = ("governance.batches", "governance.coverage", "customer_assets.value_movement", *also)
    names = re.findall(r"create table (\w+\.\w+)", TABLES + MATH + MEASURES)
    make_warehouse(paths, and_then="".join(f"drop table {name};" for name in names if name not in kept))


def query(file: Path, sql: str) -> list[tuple]:
    """The rows that a DuckDB file answers with."""
    with duckdb.connect(file, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def make_edition(fingerprint: str = "a" * 64, **changes: object) -> Edition:
    return Edition(
        **{
            "as_of_on": AS_OF,
            "fingerprint": fingerprint,
            "project_version": "0.1.0",
            "published_at": NOW,
            **changes,
        }
    )


def no_audit(*_: object) -> list:
    """For tests of what happens around the audit, which takes seconds."""
    return []
