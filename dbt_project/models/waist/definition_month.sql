-- grain: one row per definition, unit that it counts and month, as a number, in which anything of the unit changed
-- Numbers of months as in state_at_month_end; up to the start of history everything is 0's, and no flow.
with company as (
    select * from {{ ref('company') }}
),

states as (
    select
        states.*,
        {{ known_month('states.day') }} as closing_number,
        definitions.within_month,
        definitions.reactivation_days,
        states.is_active and not states.was_active as comes,
        states.day = states.first_active_on
            or {{ days_between('states.last_lost_on', 'states.day') }} > definitions.reactivation_days as is_as_new
    from {{ ref('definition_state') }} as states
    inner join {{ ref('definition') }} as definitions using (definition_number)
    cross join company
),

monthly as (
    select
        definition_number, customer_id, unit, closing_number, within_month, reactivation_days,
        min_by(was_active, day) as was_active,
        max_by(is_active, day) as is_active,
        min_by(earlier_value, day) as earlier_value,
        max_by(value, day) as value,
        count(*) filter (where comes and coalesce(is_as_new, false)) as came_new,
        count(*) filter (where comes and not coalesce(is_as_new, false)) as came_back,
        count(*) filter (where was_active and not is_active) as lost,
        max(day) filter (where comes) as last_came_on,
        min(last_lost_on) as lost_before_on
    from states
    group by definition_number, customer_id, unit, closing_number, within_month, reactivation_days
),

followed as (
    select
        *,
        is_active and not was_active as comes,
        coalesce(
            max(case when is_active then 1 else 0 end) over (
                partition by definition_number, customer_id, unit order by closing_number
                rows between unbounded preceding and 1 preceding
            ) = 0
            or {{ days_between('lost_before_on', 'last_came_on') }} > reactivation_days,
            closing_number = min(closing_number) over (partition by definition_number, customer_id, unit)
        ) as is_as_new
    from monthly
),

of_months as (
    select
        definition_number, customer_id, unit, closing_number, was_active, is_active, earlier_value, value,
        case
            when closing_number = 0 then 0
            when within_month = 'counted' then came_new
            when comes and is_as_new then 1 else 0
        end as new_customers,
        case
            when closing_number = 0 then 0
            when within_month = 'counted' then came_back
            when comes and not is_as_new then 1 else 0
        end as won_back_customers,
        case
            when closing_number = 0 then 0
            when within_month = 'counted' then lost
            when was_active and not is_active then 1 else 0
        end as lost_customers
    from followed
)

select * from of_months
