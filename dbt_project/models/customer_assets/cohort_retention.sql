-- grain: one row per month in which customers were new, months since then, segment held when new (and `all`) and value basis
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
with months as (
    select
        period_start as cohort_month, is_provisional, {{ month_number('period_start') }} as month_number,
        {{ month_number('period_start') }} - min({{ month_number('period_start') }}) over () as nth
    from {{ ref('calendar') }}
    where period_kind = 'month'
),

segments as (
    select segment from {{ ref('segment_seen') }}
    union all
    select 'all' as segment
),

-- a rectangle: as many months since for every cohort as for the oldest one
grid as (
    select
        cohorts.cohort_month, cohorts.month_number as cohort_number, ages.nth as months_since, segments.segment,
        bases.value_basis,
        observed.month_number is not null as is_observed,
        coalesce(observed.is_provisional, false) as is_provisional
    from months as cohorts
    cross join (select nth from months) as ages
    cross join segments
    cross join (values ('mrr'), ('annualised'), ('trailing_12m')) as bases (value_basis)
    left join months as observed on cohorts.month_number + ages.nth = observed.month_number
),

changes as (
    -- at 0 months customers are told as they came
    {%- for basis in bases %}
    select
        cohort_number, segment, 0 as months_since, '{{ basis }}' as value_basis, 1 as new_customers, {{ basis }}_value as new_value,
        0 as active_customers, cast(0 as decimal(18, 4)) as value
    from {{ ref('cohort_member') }}
    union all
    select
        cohort_number, segment, greatest(closing_number - cohort_number, 0) as months_since, '{{ basis }}' as value_basis,
        0 as new_customers, cast(0 as decimal(18, 4)) as new_value, active_customers, {{ basis }}_value as value
    from {{ ref('cohort_change') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

summed as (
    select
        cohort_number, months_since, value_basis,
        case when grouping(segment) = 1 then 'all' else segment end as segment,
        sum(new_customers) as new_customers, sum(new_value) as new_value, sum(active_customers) as active_customers,
        sum(value) as value
    from changes
    group by grouping sets (
        (cohort_number, months_since, value_basis, segment), (cohort_number, months_since, value_basis)
    )
),

running as (
    select
        grid.*,
        cast(coalesce(sum(summed.new_customers) over so_far, 0) as bigint) as cohort_customers,
        cast(coalesce(sum(summed.new_value) over so_far, 0) as decimal(18, 4)) as cohort_value,
        coalesce(sum(summed.active_customers) over so_far, 0) as active_then,
        coalesce(sum(summed.value) over so_far, 0) as value_then
    from grid
    left join summed using (cohort_number, months_since, segment, value_basis)
    window so_far as (partition by cohort_number, segment, value_basis order by months_since)
),

told as (
    select
        *,
        cohort_customers < (select minimum_cell_size from {{ ref('company') }}) as is_small_cell,
        cast(case when is_observed then case when months_since = 0 then cohort_customers else active_then end end as bigint)
            as active_customers,
        cast(case when is_observed then case when months_since = 0 then cohort_value else value_then end end as decimal(18, 4))
            as value
    from running
),

sized as (
    select *, case when is_observed and not is_small_cell then cohort_customers end as of_customers from told
)

select
    cohort_month, cast(months_since as integer) as months_since, segment, value_basis,
    (select reporting_currency from {{ ref('company') }}) as currency,
    cohort_customers, active_customers,
    {{ ratio('active_customers', 'of_customers') }} as retention,
    {{ wilson_low('active_customers', 'of_customers') }} as retention_low,
    {{ wilson_high('active_customers', 'of_customers') }} as retention_high,
    cohort_value, value,
    {{ ratio('value', 'case when of_customers > 0 then cohort_value end') }} as value_retention,
    is_observed, is_small_cell, 1 as definition_version, is_provisional
from sized
