-- grain: one row per month in which customers were new, segment that they were in and month at whose end more, or fewer, of
-- them are active, with what they are worth more or less
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
{%- set nothing = 'cast(0 as decimal(18, 4))' %}
with ends as (
    select * from (values (false), (true)) as e (is_end)
),

changes as (
    select
        members.cohort_number, members.segment, states.closing_number,
        cast(states.is_active as integer) - cast(states.was_active as integer) as active_customers
        {%- for basis in bases %},
        states.{{ basis }} - states.earlier_{{ basis }} as {{ basis }}
        {%- endfor %}
    from {{ ref('state_at_month_end') }} as states
    inner join {{ ref('cohort_member') }} as members using (customer_id)
    where not members.is_tied
    union all
    select
        members.cohort_number, members.segment,
        case when ends.is_end then added.until_number else added.from_number end as closing_number,
        0 as active_customers,
        case when ends.is_end then -added.mrr else added.mrr end as mrr,
        case when ends.is_end then -added.annualised else added.annualised end as annualised,
        {{ nothing }} as trailing_12m
    from {{ ref('cohort_by_rates') }} as added
    inner join {{ ref('cohort_member') }} as members using (customer_id)
    cross join ends
    where not members.is_tied
    union all
    select
        shares.cohort_number, shares.segment,
        case when ends.is_end then shares.until_number else shares.from_number end as closing_number,
        cast(shares.is_active as integer) * case when ends.is_end then -1 else 1 end as active_customers
        {%- for basis in bases %},
        case when ends.is_end then -shares.{{ basis }} else shares.{{ basis }} end as {{ basis }}
        {%- endfor %}
    from {{ ref('cohort_share') }} as shares
    cross join ends
    where not ends.is_end or shares.until_number is not null
),

summed as (
    select
        cohort_number, segment, closing_number,
        cast(sum(active_customers) as bigint) as active_customers
        {%- for basis in bases %},
        cast(sum({{ basis }}) as decimal(18, 4)) as {{ basis }}_value
        {%- endfor %}
    from changes
    group by cohort_number, segment, closing_number
)

select * from summed
