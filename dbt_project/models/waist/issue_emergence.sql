-- grain: one row per month, segment (and `all`) and category that was spoken of, with how often the year before lets expect it
-- Of the twelve months before those count of which ten things were said. A category is expected at its share of what was said in
-- them, of what was asked and of what was volunteered apart, so that neither a survey nor growth makes an issue. What months
-- differ by more than chance widens the bounds.
with cells as (
    select * from {{ ref('issue_count') }}
    where period_kind = 'month'
),

totals as (
    select period_start, segment, aided_items, unaided_items, items from cells
    where category = 'all'
),

history as (
    select
        cells.period_start, cells.segment, cells.category, totals.aided_items as aided_total, totals.unaided_items as unaided_total,
        coalesce(past.aided_items, 0) as aided_items, coalesce(past.unaided_items, 0) as unaided_items,
        coalesce(past.items, 0) as items,
        sum(totals.aided_items) over of_cell as aided_totals, sum(totals.unaided_items) over of_cell as unaided_totals,
        sum(coalesce(past.aided_items, 0)) over of_cell as aided_sum, sum(coalesce(past.unaided_items, 0)) over of_cell as unaided_sum
    from cells
    inner join totals
        on cells.segment = totals.segment
        and totals.period_start >= {{ add_months('cells.period_start', '-12') }}
        and totals.period_start < cells.period_start
        and totals.items >= 10
    left join cells as past
        on totals.segment = past.segment
        and totals.period_start = past.period_start
        and cells.category = past.category
    where cells.category <> 'all'
    window of_cell as (partition by cells.period_start, cells.segment, cells.category)
),

expected as (
    select
        *,
        cast(coalesce({{ share_of_count('aided_sum', 'aided_total', 'aided_totals') }}, 0)
            + coalesce({{ share_of_count('unaided_sum', 'unaided_total', 'unaided_totals') }}, 0) as decimal(18, 6)) as expected_items
    from history
),

pasts as (
    select
        period_start, segment, category, count(*) as months, max(aided_totals) as aided_totals, max(unaided_totals) as unaided_totals,
        max(aided_sum) as aided_sum, max(unaided_sum) as unaided_sum,
        cast(sum({{ full_product('items - expected_items', 'items - expected_items', 6) }}) as decimal(38, 12)) as squares
    from expected
    group by period_start, segment, category
),

weighed as (
    select
        cells.period_start, cells.segment, cells.category, cells.items, coalesce(pasts.months, 0) as months,
        (totals.aided_items > 0 and coalesce(pasts.aided_totals, 0) = 0)
            or (totals.unaided_items > 0 and coalesce(pasts.unaided_totals, 0) = 0) as is_way_new,
        cast(coalesce({{ share_of_count('pasts.aided_sum', 'totals.aided_items', 'pasts.aided_totals') }}, 0)
            + coalesce({{ share_of_count('pasts.unaided_sum', 'totals.unaided_items', 'pasts.unaided_totals') }}, 0) as decimal(18, 6))
            as expected_items,
        greatest(
            coalesce({{ ratio('totals.aided_items', 'pasts.aided_totals') }}, 0),
            coalesce({{ ratio('totals.unaided_items', 'pasts.unaided_totals') }}, 0)
        ) as weight,
        greatest(1, {{ dispersion('pasts.squares', 'pasts.aided_sum + pasts.unaided_sum', 'pasts.months') }}) as dispersion
    from cells
    inner join totals using (period_start, segment)
    left join pasts using (period_start, segment, category)
    where cells.category <> 'all'
)

select
    period_start, segment, category,
    case when months < 6 then 'few_months' when is_way_new then 'new_way_of_listening' end as why_not_tested,
    case when months >= 6 and not is_way_new then expected_items end as expected_items,
    case when months >= 6 and not is_way_new then {{ emergence('items', 'expected_items', 'weight', 'dispersion') }} end
        as emergence_score
from weighed
