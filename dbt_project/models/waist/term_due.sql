-- grain: one row per month, segment and term in which contracts fell due, with what they were worth before and after
with bounds as (
    select
        min(period_start) as first_on, max(period_start) as last_on,
        max(next_period_start) as end_on
    from {{ ref('calendar') }}
    where period_kind = 'month'
),

-- every place in time of the terms that there are: a term has as many series of places as it is long
lengths as (
    select distinct changes.unit, changes.term_length, bounds.first_on, bounds.last_on, bounds.end_on
    from {{ ref('term_change') }} as changes
    cross join bounds
),

counted as (
    select
        unit,
        term_length,
        first_on,
        {{ each_number("case when unit = 'day' then " ~ days_between('first_on', 'end_on') ~ " - 1 else (year(last_on) - year(first_on)) * 12 + month(last_on) - month(first_on) end") }} as nth
    from lengths
),

places as (
    select
        segments.segment,
        counted.unit,
        counted.term_length,
        cast(counted.nth as integer) + case
            when counted.unit = 'day' then {{ days_between("date '1900-01-01'", 'counted.first_on') }}
            else year(counted.first_on) * 12 + month(counted.first_on) - 1
        end as place,
        case
            when counted.unit = 'day' then {{ month_of(add_days('counted.first_on', 'counted.nth')) }}
            else {{ add_months('counted.first_on', 'counted.nth') }}
        end as month_start
    from counted
    cross join (select distinct segment from {{ ref('term_change') }}) as segments
),

running as (
    select
        places.month_start, places.segment, places.unit, places.term_length,
        sum(changes.contracts) over series as contracts,
        sum(changes.mrr_value) over series as mrr_value,
        sum(changes.annualised_value) over series as annualised_value
    from places
    left join {{ ref('term_change') }} as changes using (segment, unit, term_length, place)
    window series as (
        partition by places.segment, places.unit, places.term_length, places.place % places.term_length
        order by places.place rows between unbounded preceding and current row
    )
),

due as (
    select
        month_start, segment, {{ term_name('unit', 'term_length') }} as term,
        contracts as due_contracts, contracts as renewed_contracts, 0 as explained_contracts,
        mrr_value as due_mrr, annualised_value as due_annualised, mrr_value as renewed_mrr,
        annualised_value as renewed_annualised, mrr_value as kept_mrr, annualised_value as kept_annualised
    from running
    where contracts > 0
    union all
    select
        {{ month_of('due_on') }}, segment, {{ term_name('unit', 'term_length') }},
        1, case when is_renewed then 1 else 0 end, case when reasons.due_on is not null then 1 else 0 end,
        due_mrr_value, due_annualised_value, renewed_mrr_value, renewed_annualised_value,
        least(due_mrr_value, renewed_mrr_value), least(due_annualised_value, renewed_annualised_value)
    from {{ ref('term_end') }} as ends
    left join {{ ref('unrenewed_reason') }} as reasons using (vendor, system, line_ref, due_on)
)

select
    month_start, segment, term,
    {%- for what in ['due', 'renewed', 'explained'] %}
    cast(sum({{ what }}_contracts) as bigint) as {{ what }}_contracts,
    {%- endfor %}
    {%- for what in ['due', 'renewed', 'kept'] %}
    cast(sum({{ what }}_mrr) as decimal(18, 4)) as {{ what }}_mrr_value,
    cast(sum({{ what }}_annualised) as decimal(18, 4)) as {{ what }}_annualised_value{{ ',' if not loop.last }}
    {%- endfor %}
from due
group by month_start, segment, term
