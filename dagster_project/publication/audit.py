"""The audit: what must hold of the published tables before any reader gets them.

dbt's tests have looked at the warehouse by then. This looks at the copies themselves, and at the laws
that tie tables to each other, as a reader would: it is the promise of the interface, written as checks.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from dagster_project.closing.causes import CAUSES
from dagster_project.closing.measures import CUSTOMERS, VALUES
from dagster_project.errors import UserError
from dagster_project.great_expectations_duckdb import (
    Check,
    CheckResult,
    has_rows,
    never_empty,
    no_rows,
    one_of,
    unique,
    validate,
)
from dagster_project.publication.tables import PublishedTable
from dagster_project.sql import literal, quoted
from dagster_project.words import count

LEVELS = ("opening_customers", "closing_customers", "opening_value", "closing_value")
TRANSFERS = tuple(measure for measure in (*CUSTOMERS, *VALUES) if measure.startswith("transferred_"))
MOVEMENTS = (
    "new", "won_back", "lost", "expansion", "contraction", "transferred_in", "transferred_out", "merged",
    "split", "handed_over", "taken_over", "fx",
)  # fmt: skip
SHOWN = 5


class AuditFailed(UserError):
    """The draft does not hold what it must. `failures` has every check that failed."""

    def __init__(self, failures: Sequence[CheckResult], warehouse: Path) -> None:
        self.failures = list(failures)
        lines = [
            f"{count(len(failures), 'check')} failed, so nothing was published; the last publication stays."
        ]
        lines += [in_words(failure, warehouse) for failure in failures[:SHOWN]]
        if len(failures) > SHOWN:
            lines.append(f"And {len(failures) - SHOWN} more.")
        super().__init__("\n".join(lines))


def audit_tables(
    tables: Sequence[PublishedTable], files: Mapping[str, Path], docs: Path
) -> list[CheckResult]:
    """Check a draft's tables, kept as Parquet in `files`, and write the Data Docs to `docs`. A result per
    check."""
    by_name = {table.name: table for table in tables}
    if missing := sorted(set(CHECKS) - set(by_name)):
        raise UserError(
            f"The warehouse has no table {missing[0]}, which every publication has: "
            "run the whole `refresh` job, so that every model is built."
        )
    checks = {
        name: [*CHECKS.get(name, []), *without_addresses(by_name[name])]
        for name in files
        if by_name[name].columns
    }
    return validate(files, {name: checks_ for name, checks_ in checks.items() if checks_}, docs)


def in_words(failure: CheckResult, warehouse: Path) -> str:
    """One failure as a sentence, with the query that shows its rows."""
    if failure.error:
        return f"{failure.table}: '{failure.name}' could not be checked: {failure.error.splitlines()[0]}"
    rows = failure.observed if failure.unexpected_count is None else failure.unexpected_count
    found = count(rows or 0, "row")
    return (
        f"{failure.table}: '{failure.name}' does not hold ({found}). To see: "
        f'duckdb -readonly {warehouse} "{" ".join(failure.query.split())}"'
    )


def law(name: str, holds: str) -> Check:
    """A condition that holds in every row; null counts as broken."""
    return no_rows(name, f"select * from {{table}} where not coalesce({holds}, false)")


def without_addresses(table: PublishedTable) -> list[Check]:
    """No e-mail address in any text: those belong in the restricted file, however they came to be here."""
    texts = [quoted(column) for column, kind in table.columns.items() if kind == "VARCHAR"]
    if not texts:
        return []
    # Few texts hold the sign at all, and to look for it costs a tenth of the pattern.
    sign = " or ".join(f"contains({text}, '@')" for text in texts)
    address = literal(r"[^\s@]+@[^\s@]+\.[a-zA-Z]{2,}")
    return [
        no_rows(
            "no text holds an e-mail address",
            f"select * from {{table}} where ({sign}) and regexp_matches(concat_ws(' ', {', '.join(texts)}), {address})",
        )
    ]


def bridges() -> list[Check]:
    """The two laws of customer math, and what ties its rows to each other."""
    return [
        law(
            "opening + new + won back - lost + transferred in - transferred out - merged = closing, in count",
            "opening_customers + new_customers + won_back_customers - lost_customers"
            " + transferred_in_customers - transferred_out_customers - merged_customers = closing_customers",
        ),
        law(
            "opening + new + won back + expansion - contraction - lost + transferred in - transferred out"
            " + fx = closing, in value",
            "opening_value + new_value + won_back_value + expansion_value - contraction_value - lost_value"
            " + transferred_in_value - transferred_out_value + fx_value = closing_value",
        ),
        law(
            "net customers are new + won back - lost",
            "net_customers = new_customers + won_back_customers - lost_customers",
        ),
        law("no count but merged is negative", "least({}) >= 0".format(", ".join(not_negative()))),
        no_rows(
            "the closing of a period is the opening of the next",
            """
            select * from (
                select *, lag(closing_customers) over following as closed_customers,
                    lag(closing_value) over following as closed_value
                from {table}
                window following as (partition by period_kind, segment, value_basis order by period_start)
            )
            where closed_customers <> opening_customers or closed_value <> opening_value
            """,
        ),
        no_rows("segments sum to all", segments_against_all()),
        law(
            "nobody is transferred within all",
            "segment <> 'all' or (transferred_in_customers = 0 and transferred_out_customers = 0)",
        ),
        no_rows(
            "customers are the same on every value basis",
            f"select period_kind, period_start, segment from {{table}} group by all "
            f"having {' or '.join(f'min({measure}) <> max({measure})' for measure in CUSTOMERS)}",
        ),
        no_rows("flows of quarters and years are sums of months", longer_periods_against_months()),
        no_rows("months agree with value_movement", months_against_movements()),
        no_rows(
            "periods follow each other without a gap",
            """
            select * from (
                select *, lag(period_start) over following as before
                from {table}
                window following as (partition by period_kind, segment, value_basis order by period_start)
            )
            where period_start <> before + case period_kind
                when 'month' then interval 1 month when 'quarter' then interval 3 month else interval 1
                year end
            """,
        ),
    ]


def steps_against_variance() -> str:
    return """
        select variance.profile, variance.metric, variance.period_kind, variance.period_start
        from alignment.definition_variance as variance
        left join (
            select profile, metric, period_kind, period_start, sum(difference) as difference
            from {table} group by all
        ) as steps using (profile, metric, period_kind, period_start)
        where variance.metric <> 'retention' and variance.recomputed is not null
            and steps.difference is distinct from variance.difference
    """


def issues_against_all() -> str:
    place = "period_kind, period_start"
    return f"""
        select * from (
            select {place}, sum(items) as items, sum(items) filter (where segment = 'all') as of_all_segments,
                sum(items) filter (where category = 'all') as of_all_categories
            from {{table}} group by all
        )
        where items <> 2 * of_all_segments or items <> 2 * of_all_categories
    """


def not_negative() -> list[str]:
    return [measure for measure in CUSTOMERS if measure not in ("merged_customers", "net_customers")]


def segments_against_all() -> str:
    added = {measure: measure for measure in (*CUSTOMERS, *VALUES) if measure not in TRANSFERS}
    added |= {  # of what is transferred, all has what is left in the end
        f"transferred_{what}": f"transferred_in_{what} - transferred_out_{what}"
        for what in ("customers", "value")
    }
    sums = ", ".join(
        f"sum({what}) filter (where segment = 'all') as {measure}_of_all,"
        f" sum({what}) filter (where segment <> 'all') as {measure}_of_segments"
        for measure, what in added.items()
    )
    differs = " or ".join(f"{measure}_of_all is distinct from {measure}_of_segments" for measure in added)
    return f"""
        select * from (
            select period_kind, period_start, value_basis, {sums} from {{table}} group by all
        )
        where {differs}
    """


def longer_periods_against_months() -> str:
    flows = [measure for measure in (*CUSTOMERS, *VALUES) if measure not in LEVELS]
    return f"""
        select longer.period_kind, longer.period_start, longer.segment, longer.value_basis
        from {{table}} as longer
        join {{table}} as months
            on months.period_kind = 'month'
            and months.segment = longer.segment
            and months.value_basis = longer.value_basis
            and months.period_start >= longer.period_start
            and months.period_start < longer.period_start
                + case longer.period_kind when 'quarter' then interval 3 month else interval 1 year end
        where longer.period_kind <> 'month'
        group by all
        having {" or ".join(f"sum(months.{measure}) <> any_value(longer.{measure})" for measure in flows)}
    """


def months_against_movements() -> str:
    counted = ("new", "won_back", "lost", "transferred_in", "transferred_out", "merged")
    counts = ", ".join(f"count(*) filter (where movement = '{kind}') as {kind}_moved" for kind in counted)
    counts += ", count(*) filter (where movement = 'split') as split_off"
    differs = " or ".join(
        f"coalesce({kind}_moved{' - split_off' if kind == 'merged' else ''}, 0) <> {kind}_customers"
        for kind in counted
    )
    return f"""
        select math.* from {{table}} as math
        left join (
            select cast(date_trunc('month', moved_on) as date) as period_start, segment, {counts}
            from customer_assets.value_movement
            group by all
        ) as moved using (period_start, segment)
        where period_kind = 'month' and segment <> 'all' and ({differs})
    """


def of_customer_math(*measures: str) -> Check:
    """Measures that customer math has too are the same there, in every row."""
    differs = " or ".join(f"told.{measure} is distinct from math.{measure}" for measure in measures)
    return no_rows(
        f"{', '.join(measures)} are those of customer_math",
        f"""
        select math.* from customer_assets.customer_math as math
        left join {{table}} as told using (period_kind, period_start, segment, value_basis)
        where {differs}
        """,
    )


def implied(name: str, source: str, condition: str) -> Check:
    """The table has rows wherever another has some."""
    return no_rows(
        name,
        f"select {literal(source)} as has_rows where not exists (from {{table}})"
        f" and exists (from {source} where {condition})",
    )


def within_customers(what: str) -> Check:
    return no_rows(
        f"{what} belongs to a customer in core.customer",
        "select * from {table} where customer_id not in (select customer_id from core.customer)",
    )


CHECKS: Mapping[str, Sequence[Check]] = {
    "core.customer": [never_empty("customer_id")],
    "core.identity_map": [
        *(never_empty(column) for column in ("vendor", "system", "object", "source_ref", "customer_id")),
        within_customers("every source record"),
        implied(
            "has rows where customers were landed",
            "governance.batches",
            "status = 'accepted' and rows_landed > 0 and object in ('customers', 'accounts')",
        ),
    ],
    "core.identity_evidence": [],
    "core.revenue_span": [
        *(
            never_empty(column)
            for column in ("customer_id", "valid_from", "currency", "monthly_amount", "mrr_value")
        ),
        law("a span ends after it starts", "valid_to is null or valid_to > valid_from"),
        within_customers("every span"),
    ],
    "core.customer_purchase": [
        *(never_empty(column) for column in ("customer_id", "purchased_on", "amount", "currency")),
        law(
            "a purchase keeps its buyer active for a day at least",
            "active_to is null or active_to > purchased_on",
        ),
        within_customers("every purchase"),
    ],
    "core.segment": [unique("segment"), never_empty("segment")],
    "core.period": [
        unique("period_kind", "period_start"),
        one_of("period_kind", ("month", "quarter", "year")),
    ],
    "core.metric_definition": [has_rows()],
    "customer_assets.customer_math": [
        unique("period_kind", "period_start", "segment", "value_basis"),
        *(never_empty(column) for column in ("period_start", "segment", "currency")),
        one_of("period_kind", ("month", "quarter", "year")),
        one_of("value_basis", ("mrr", "annualised", "trailing_12m")),
        *bridges(),
        implied("has rows where there is a movement", "customer_assets.value_movement", "true"),
    ],
    "customer_assets.value_movement": [
        unique("customer_id", "moved_on", "movement", "segment", "currency"),
        *(never_empty(column) for column in ("customer_id", "moved_on", "movement", "segment", "currency")),
        one_of("movement", MOVEMENTS),
        within_customers("every movement"),
    ],
    "customer_assets.loss_reasons": [
        unique("period_kind", "period_start", "segment", "reason"),
        never_empty("reason"),
    ],
    "customer_assets.loss_summary": [
        unique("period_kind", "period_start", "segment", "value_basis"),
        of_customer_math("lost_customers", "lost_value"),
        law(
            "every loss is of one kind",
            "voluntary_lost_customers + involuntary_lost_customers + uncontrollable_lost_customers"
            " + unknown_lost_customers = lost_customers",
        ),
    ],
    "customer_assets.revenue_retention": [
        unique("period_kind", "period_start", "segment", "value_basis"),
        of_customer_math("opening_customers", "new_value", "expansion_value", "lost_value"),
        law(
            "who is kept or lost of an opening was in it",
            "least(kept_customers, lost_of_opening) >= 0 and kept_customers + lost_of_opening = opening_customers",
        ),
        law(
            "gross retention is a share, and no more than net retention",
            "protected_value >= 0 and protected_value <= least(opening_value, retained_value)",
        ),
    ],
    "customer_assets.renewals": [
        unique("period_kind", "period_start", "segment", "term", "value_basis"),
        law(
            "what was renewed had fallen due",
            "least(renewed_contracts, unrenewed_contracts) >= 0"
            " and renewed_contracts + unrenewed_contracts = due_contracts"
            " and kept_value between 0 and least(due_value, renewed_value)",
        ),
    ],
    "alignment.definition_profile": [
        unique("profile", "policy"),
        law(
            "a policy is told apart where it differs",
            "is_different = (profile_says is distinct from one_company_says)",
        ),
    ],
    "alignment.definition_variance": [
        unique("profile", "metric", "period_kind", "period_start"),
        one_of("period_kind", ("month", "quarter", "year")),
        law(
            "a figure that is null says why",
            "(recomputed is null or one_company is null) = (why_unknown is not null)",
        ),
        law(
            "the difference is that of the two figures",
            "difference is not distinct from recomputed - one_company",
        ),
    ],
    "alignment.definition_bridge": [
        unique("profile", "metric", "period_kind", "period_start", "step"),
        law("a step leads from one figure to the next", "figure_before + difference = figure_after"),
        no_rows("the steps of a bridge sum to the difference", steps_against_variance()),
    ],
    "alignment.customer_set_difference": [
        unique("profile", "step", "metric", "customer_id", "month_from"),
        law(
            "a customer differs for a month at least",
            "difference <> 0 and coalesce(month_to > month_from, true)",
        ),
    ],
    "alignment.metric_inventory": [
        unique("kind", "silo", "metric"),
        one_of("kind", ("silo_metric", "customer_metric", "total")),
        law(
            "a total has a silo's metrics, orphans among them",
            "(kind = 'total') = (silo_metrics is not null) and coalesce(orphan_metrics <= silo_metrics, kind <> 'total')",
        ),
        law("an orphan is linked to nothing", "kind = 'total' or is_orphan = (links = 0)"),
    ],
    "alignment.silo_metric_conflicts": [
        unique("silo", "metric", "customer_metric"),
        one_of("conflict", ("none", "structural", "observed", "both")),
        law(
            "what is observed has six pairs at least, and more months in conflict than chance gives",
            "conflict not in ('observed', 'both') or (paired_months >= 6 and months_in_conflict > expected_months_in_conflict)",
        ),
        law("a correlation has six pairs at least", "correlation is null or paired_months >= 6"),
        law(
            "a correlation that is null says why", "(correlation is null) = (why_no_correlation is not null)"
        ),
        law("a severity that is null says why", "(severity is null) = (why_no_severity is not null)"),
    ],
    "alignment.handoffs": [
        unique("period_kind", "period_start", "from_stage", "to_stage"),
        one_of("period_kind", ("month", "quarter", "year")),
        law(
            "whom a handoff lost is decided and was green",
            "handoff_loss_customers <= decided_customers and decided_customers <= green_customers",
        ),
        law(
            "whom a handoff lost was late, failed or missing",
            "greatest(late_customers, failed_customers, missing_customers) <= handoff_loss_customers"
            " and handoff_loss_customers <= late_customers + failed_customers + missing_customers",
        ),
    ],
    "listening.feedback": [
        unique("vendor", "system", "object", "source_ref", "given_on"),
        one_of("kind", ("survey_answer", "ticket", "cancellation", "call_note")),
        law(
            "what has a category says how it was found",
            "(category is null) = (found_by is null)"
            " and coalesce((category = 'uncategorised') = (found_by = 'uncategorised'), true)"
            " and is_uncategorised is not distinct from (category = 'uncategorised')",
        ),
        law("only answers say nothing", "category is not null or (kind = 'survey_answer' and not has_words)"),
    ],
    "listening.issue_volume": [
        unique("period_kind", "period_start", "segment", "category"),
        one_of("period_kind", ("month", "quarter", "year")),
        law(
            "items are those asked for and those volunteered",
            "items = coalesce(aided_items, 0) + coalesce(unaided_items, 0) and items between 1 and all_items",
        ),
        no_rows("segments and categories sum to all", issues_against_all()),
        law(
            "what emerges is told or says why not",
            "(is_emerging is null) = (why_not_tested is not null)"
            " and not (coalesce(is_emerging, false) and (items < 5 or emergence_score < 3))",
        ),
    ],
    "listening.close_the_loop": [
        unique("period_kind", "period_start", "owner", "clock"),
        one_of("clock", ("contact", "resolved", "told")),
        law(
            "every elapsed case was kept, late or is overdue",
            "kept_cases + late_cases + overdue_cases = elapsed_cases and missed_cases = late_cases + overdue_cases"
            " and elapsed_cases <= owed_cases",
        ),
        law(
            "who is rescued was asked again and was a detractor",
            "detractors_rescued <= detractors_asked_again and detractors_asked_again <= detractors",
        ),
        law("a median that is null says why", "(median_hours is null) = (why_no_median is not null)"),
    ],
    "listening.listening_inventory": [
        unique("vendor", "system", "survey_ref"),
        law(
            "a row without a survey says what is missing",
            "survey_ref is not null or missing_source = 'any survey'",
        ),
        law(
            "what is silent is declared, and nobody was sent it or answered",
            "coalesce(state <> 'silent', true) or (is_declared and sends is null and answers is null)",
        ),
    ],
    "listening.listening_coverage": [
        unique("stage", "kind"),
        one_of("kind", ("aided", "unaided", "experiential", "behavioural")),
        law("a gap is where nothing listens", "is_gap = (sources = 0)"),
    ],
    "listening.survey_pressure": [
        unique("period_kind", "period_start", "unit", "segment", "vendor", "system", "survey_ref"),
        one_of("unit", ("person", "account")),
        law("a breach is an ask", "breaches_across_surveys <= breaches and breaches <= asks"),
        law(
            "whoever was asked too soon was asked",
            "pressed_units <= least(asked_units, breaches) and asked_units <= asks and most_asks <= asks",
        ),
    ],
    "listening.opt_out_leaks": [
        unique("vendor", "system", "object", "source_ref", "opted_out_vendor", "opted_out_system"),
        law(
            "whoever had opted out was asked after it", "days_since_opt_out >= 0 and sent_on >= opted_out_on"
        ),
    ],
    "listening.listening_decisions": [
        unique("vendor", "system", "survey_ref"),
        one_of("recommendation", ("keep", "merge", "pause", "stop")),
        law("what does not run is to be stopped", "state = 'running' or recommendation = 'stop'"),
        law("a decision is somebody's", "(decision is null) = (decided_by is null)"),
    ],
    "listening.survey_scores": [
        unique(
            "vendor",
            "system",
            "survey_ref",
            "metric",
            "points",
            "ces_version",
            "unit",
            "period_kind",
            "period_start",
            "segment",
        ),
        law(
            "every respondent is of one kind, and an NPS is theirs",
            "metric <> 'nps' or (promoters + passives + detractors = respondents and least(promoters, passives, detractors) >= 0"
            " and (nps is null or abs(nps * respondents - 100 * (promoters - detractors)) <= 0.000001 * respondents))",
        ),
        law("a score that few gave is not told", "is_small_cell = coalesce(mean_score is null, false)"),
        law("a margin is of no more than the scale", "coalesce(nps_margin between 0 and 196, true)"),
        law(
            "a share is told with its bounds",
            "coalesce(top_box_share between top_box_share_low and top_box_share_high, top_box_share_low is null)",
        ),
    ],
    "listening.response_quality": [
        unique("vendor", "system", "survey_ref", "period_kind", "period_start", "segment"),
        law(
            "what was sent bounced or was delivered",
            "missing_source is not null or bounced_invitations + delivered_invitations = sent_invitations",
        ),
        law(
            "what was sent was answered, begun, opened or nobody knows",
            "missing_source is not null or finished_invitations + coalesce(partial_invitations, 0)"
            " + coalesce(refused_invitations, 0) + unknown_invitations = sent_invitations",
        ),
        law(
            "without invitations there is no rate",
            "missing_source is null or coalesce(delivery_rate, response_rate, aapor_rr1, aapor_rr2) is null",
        ),
    ],
    "listening.unheard_value": [
        unique("period_kind", "period_start", "segment", "value_band"),
        law(
            "who is active is heard or not",
            "missing_source is not distinct from 'surveys' or (heard_customers + unheard_customers = active_customers"
            " and heard_value + unheard_value = active_value)",
        ),
        law(
            "who is not heard is silent or was never asked",
            "missing_source is not null or (silent_customers + never_asked_customers = unheard_customers"
            " and silent_value + never_asked_value = unheard_value)",
        ),
    ],
    "listening.survey_wordings": [
        unique("vendor", "system", "survey_ref", "metric", "version"),
        never_empty("wording"),
        law("words are exported from their first to their last day", "first_exported_on <= last_exported_on"),
    ],
    "listening.gaming_signs": [
        unique("vendor", "system", "survey_ref", "sign"),
        law("a sign that cannot be told says why", "(is_sign is null) = (why_unknown is not null)"),
        law("what is found is among the cases", "found between 0 and cases"),
    ],
    "governance.batches": [
        unique("batch_id"),
        one_of("status", ("accepted", "held", "refused")),
        law(
            "every record of an accepted file was landed or refused",
            "status <> 'accepted' or rows_in_file = rows_landed + rows_refused",
        ),
    ],
    "governance.period_close": [
        unique("period_kind", "period_start", "segment", "value_basis"),
        never_empty("closed_on"),
    ],
    "governance.restatements": [
        unique("period_kind", "period_start", "segment", "value_basis", "measure"),
        law(
            "the causes sum to what is known now less what was reported",
            f"known_now - reported = difference and difference = {' + '.join(CAUSES)}",
        ),
    ],
    "governance.refused_rows": [never_empty("file"), never_empty("reason")],
    "governance.coverage": [has_rows()],
    "governance.identity_review": [
        unique("customer_id", "other_customer_id", "reason"),
        law("a pair is of two customers", "customer_id <> other_customer_id"),
        law("what is at stake is the lesser value", "value_at_stake = least(value, other_value)"),
    ],
    "governance.missing_records": [
        unique("vendor", "system", "object", "source_ref"),
        one_of("state", ("deleted", "left_out", "never_sent")),
        law("what was left out was seen before", "state <> 'left_out' or last_seen_at is not null"),
        law(
            "what was never sent was never seen and is named by others",
            "state <> 'never_sent' or (last_seen_at is null and named_by > 0)",
        ),
    ],
    "governance.publications": [has_rows(), unique("publication_id"), never_empty("fingerprint")],
}
