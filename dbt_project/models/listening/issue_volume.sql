-- grain: one row per period, segment (and `all`) and category (and `uncategorised` and `all`) of which anything was said
with counts as (
    select *, category not in ('all', 'uncategorised') as is_named from {{ ref('issue_count') }}
),

sources as (
    select
        bool_or(kind = 'survey_answer') as has_surveys,
        bool_or(kind <> 'survey_answer') as has_unaided
    from {{ ref('verbatim') }}
),

ranked as (
    select
        counts.*,
        max(case when category = 'all' then items end) over of_place as all_items,
        cast(sum(case when category = 'uncategorised' then items else 0 end) over of_place as bigint) as uncategorised_items,
        sum(case when is_named then aided_items else 0 end) over of_place > 0
            and sum(case when is_named then unaided_items else 0 end) over of_place > 0 as is_heard_both_ways,
        case when is_named and aided_items > 0 then cast(row_number() over (
            partition by period_kind, period_start, segment, is_named order by aided_items desc, customers desc, category
        ) as integer) end as rank_aided,
        case when is_named and unaided_items > 0 then cast(row_number() over (
            partition by period_kind, period_start, segment, is_named order by unaided_items desc, customers desc, category
        ) as integer) end as rank_unaided
    from counts
    window of_place as (partition by period_kind, period_start, segment)
),

placed as (
    select
        ranked.*, periods.is_provisional, categories.journey_stage, categories.owner, bridge.closing_customers as active_customers,
        company.reporting_currency as currency, sources.has_surveys, sources.has_unaided,
        coalesce(bridge.closing_customers, 0) < company.minimum_cell_size as is_small_cell,
        emergence.expected_items, emergence.emergence_score,
        case when ranked.period_kind <> 'month' then 'months_alone' when ranked.category = 'all' then 'total'
            else emergence.why_not_tested end as why_not_tested
    from ranked
    cross join {{ ref('company') }} as company
    cross join sources
    inner join {{ ref('heard_period') }} as periods
        on ranked.period_kind = periods.period_kind
        and ranked.period_start = periods.period_start
    left join {{ source('reference', 'issue_category') }} as categories on ranked.category = categories.category
    left join {{ ref('period_bridge') }} as bridge
        on ranked.period_kind = bridge.period_kind
        and ranked.period_start = bridge.period_start
        and ranked.segment = bridge.segment
        and bridge.value_basis = 'mrr'
    left join {{ ref('issue_emergence') }} as emergence
        on ranked.period_kind = 'month'
        and ranked.period_start = emergence.period_start
        and ranked.segment = emergence.segment
        and ranked.category = emergence.category
)

select
    period_kind, period_start, segment, category, journey_stage, owner, currency,
    case when has_surveys then aided_items end as aided_items,
    case when has_unaided then unaided_items end as unaided_items,
    items, all_items,
    {{ ratio('items', 'all_items') }} as item_share,
    uncategorised_items,
    {{ ratio('uncategorised_items', 'all_items') }} as uncategorised_share,
    customers, customers_value, active_customers,
    case when not is_small_cell then {{ ratio('items * 1000', 'active_customers') }} end as items_per_thousand,
    rank_aided, rank_unaided,
    case when is_named and is_heard_both_ways then coalesce(rank_aided <= 3 and rank_unaided <= 3, false) end as is_converged,
    expected_items, emergence_score,
    case when why_not_tested is null then items >= 5 and emergence_score >= 3 end as is_emerging,
    why_not_tested,
    case when not has_surveys then 'survey answers' when not has_unaided then 'tickets' end as missing_source,
    1 as definition_version, is_provisional, is_small_cell
from placed
