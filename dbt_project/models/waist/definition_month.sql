-- grain: one row per definition, unit that it counts and month, as a number, in which anything of the unit changed
-- Numbers of months as in state_at_month_end; up to the start of history everything is 0's, and no flow. Who is new depends on the last loss
-- where only so many days make it won back, and on months' ends where what comes and goes within one is ignored; of all other
-- definitions, the days alone tell. The days of either kind are read once: what a statement reads twice is kept in memory whole.
{%- set unit = 'definition_number, customer_id, unit' %}
{%- set change = 'cast(is_active as integer) - cast(was_active as integer)' %}
{%- set comes, goes = 'is_active and not was_active', 'was_active and not is_active' %}
with company as (
    select * from {{ ref('company') }}
),

told_by_days as (
    select
        {{ unit }}, {{ known_month('states.day') }} as closing_number,
        sum({{ change }}) as active_change,
        sum(value_change) as value_change,
        count(*) filter (where {{ comes }} and is_first_activation) as new_customers,
        count(*) filter (where {{ comes }} and not is_first_activation) as won_back_customers,
        count(*) filter (where {{ goes }}) as lost_customers
    from {{ ref('definition_state') }} as states
    inner join {{ ref('definition') }} using (definition_number)
    cross join company
    where within_month = 'counted' and reactivation_days is null
    group by {{ unit }}, closing_number
),

followed as (
    select
        states.*, {{ known_month('states.day') }} as closing_number, within_month, reactivation_days,
        max(case when {{ goes }} then day end) over (
            partition by definition_number, unit order by day rows between unbounded preceding and 1 preceding
        ) as last_lost_on
    from {{ ref('definition_state') }} as states
    inner join {{ ref('definition') }} using (definition_number)
    cross join company
    where within_month <> 'counted' or reactivation_days is not null
),

of_days as (
    select
        *,
        is_first_activation or coalesce({{ days_between('last_lost_on', 'day') }} > reactivation_days, false) as is_as_new
    from followed
),

of_months as (
    select
        {{ unit }}, closing_number, within_month, reactivation_days,
        sum({{ change }}) as active_change,
        sum(value_change) as value_change,
        count(*) filter (where {{ comes }} and is_as_new) as came_new,
        count(*) filter (where {{ comes }} and not is_as_new) as came_back,
        count(*) filter (where {{ goes }}) as went,
        max(case when {{ comes }} then day end) as last_came_on,
        min(last_lost_on) as lost_before_on
    from of_days
    group by {{ unit }}, closing_number, within_month, reactivation_days
),

at_ends as (
    select
        *,
        -- who was there at the end of an earlier month
        coalesce(max(active_after) over (
            partition by definition_number, unit order by closing_number rows between unbounded preceding and 1 preceding
        ), 0) = 0 or coalesce({{ days_between('lost_before_on', 'last_came_on') }} > reactivation_days, false) as is_as_new
    from (
        select
            *,
            sum(active_change) over (
                partition by definition_number, unit order by closing_number rows between unbounded preceding and current row
            ) as active_after
        from of_months
        where within_month = 'ignored'
    ) as ignoring
),

told as (
    select * from told_by_days
    union all
    select
        {{ unit }}, closing_number, active_change, value_change,
        came_new as new_customers, came_back as won_back_customers, went as lost_customers
    from of_months
    where within_month = 'counted'
    union all
    select
        {{ unit }}, closing_number, active_change, value_change, case when active_change > 0 and is_as_new then 1 else 0 end,
        case when active_change > 0 and not is_as_new then 1 else 0 end, case when active_change < 0 then 1 else 0 end
    from at_ends
)

select
    {{ unit }}, closing_number, cast(active_change as integer) as active_change, cast(value_change as decimal(18, 4)) as value_change,
    {%- for flow in ['new', 'won_back', 'lost'] %}
    cast(case when closing_number = 0 then 0 else {{ flow }}_customers end as bigint) as {{ flow }}_customers{{ ',' if not loop.last }}
    {%- endfor %}
from told
