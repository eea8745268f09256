-- grain: one row per period and segment held at its close (and `all`)
{%- set shifts = ['up', 'flat', 'down', 'no_baseline'] %}
with first_month as (
    select min(period_start) as first_month_on from {{ ref('calendar') }} where period_kind = 'month'
),

segments as (
    select segment from {{ ref('segment_seen') }}
    union all
    select 'all' as segment
),

-- before there are twelve months of history, and before twelve months are over, nobody has anything to be compared with
placed as (
    select
        periods.period_kind, periods.period_start, periods.is_provisional, segments.segment,
        {{ month_number('periods.next_period_start') }} - 1 as closing_number,
        not periods.is_provisional and {{ add_months('periods.next_period_start', '-12') }} >= first_month.first_month_on
            as has_twelve_months
    from {{ ref('calendar') }} as periods
    cross join segments
    cross join first_month
),

held as (
    select closing_number, closing_segment as segment, behaviour, closing_customers, baseline_value
    from {{ ref('held_between') }}
    where window_kind = 'twelve_months'
        and closing_segment is not null
    union all
    select closing_number, 'all' as segment, behaviour, closing_customers, baseline_value
    from {{ ref('held_between') }}
    where window_kind = 'twelve_months'
        and closing_segment is not null
),

summed as (
    select
        placed.period_kind, placed.period_start, placed.segment, placed.is_provisional,
        cast(coalesce(sum(held.closing_customers), 0) as bigint) as closing_customers,
        {%- for shift in shifts %}
        cast(coalesce(sum(held.closing_customers) filter (
            where case when placed.has_twelve_months then held.behaviour else 'no_baseline' end = '{{ shift }}'
        ), 0) as bigint) as {{ shift }}_customers,
        {%- endfor %}
        cast(coalesce(sum(held.baseline_value) filter (where placed.has_twelve_months), 0) as decimal(18, 4))
            as baseline_value,
        cast(coalesce(sum(held.baseline_value) filter (
            where placed.has_twelve_months and held.behaviour = 'down'
        ), 0) as decimal(18, 4)) as declined_baseline_value
    from placed
    left join held using (closing_number, segment)
    group by placed.period_kind, placed.period_start, placed.segment, placed.is_provisional
),

sized as (
    select
        summed.*,
        company.reporting_currency as currency,
        closing_customers - no_baseline_customers < company.minimum_cell_size as is_small_cell,
        case
            when closing_customers - no_baseline_customers >= company.minimum_cell_size
                then closing_customers - no_baseline_customers
        end as of_customers
    from summed
    cross join {{ ref('company') }} as company
)

select
    period_kind, period_start, segment, currency, closing_customers,
    {% for shift in shifts %}{{ shift }}_customers, {% endfor %}
    cast(closing_customers - no_baseline_customers as bigint) as compared_customers,
    {{ ratio('down_customers', 'of_customers') }} as declining_share,
    {{ wilson_low('down_customers', 'of_customers') }} as declining_share_low,
    {{ wilson_high('down_customers', 'of_customers') }} as declining_share_high,
    baseline_value, declined_baseline_value,
    {{ ratio('declined_baseline_value', 'case when of_customers > 0 then baseline_value end') }} as engagement_decline_rate,
    is_small_cell, 1 as definition_version, is_provisional
from sized
