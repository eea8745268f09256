-- grain: one row per customer, day and step: what the customer was worth before and after it, and the segment it is in
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
with running as (
    select
        customer_id,
        day,
        step,
        {% for basis in bases -%}
        cast(sum({{ basis }}) over so_far as decimal(18, 4)) as {{ basis }}_sum,
        {{ basis }} as {{ basis }}_change,
        {% endfor -%}
        sum(activity) over so_far as activity_sum,
        activity as activity_change
    from {{ ref('value_event') }}
    window so_far as (partition by customer_id order by day, step rows between unbounded preceding and current row)
),

states as (
    select
        customer_id,
        day,
        step,
        activity_sum - activity_change > 0 as was_active,
        activity_sum > 0 as is_active,
        {% for basis in bases -%}
        case
            when activity_sum - activity_change > 0 then cast({{ basis }}_sum - {{ basis }}_change as decimal(18, 4))
            else 0
        end as {{ basis }}_before,
        case when activity_sum > 0 then {{ basis }}_sum else 0 end as {{ basis }}_after{{ ',' if not loop.last }}
        {% endfor %}
    from running
),

placed as (
    select
        states.*,
        coalesce(held.segment, 'unsegmented') as segment,
        coalesce(earlier.segment, 'unsegmented') as earlier_segment,
        cast(coalesce(sum(case when states.is_active and not states.was_active then 1 end) over (
            partition by states.customer_id
            order by states.day, states.step rows between unbounded preceding and 1 preceding
        ), 0) as bigint) as earlier_activations
    from states
    left join {{ ref('customer_segment') }} as held
        on states.customer_id = held.customer_id
        and (held.valid_from is null or held.valid_from <= states.day)
        and (held.valid_to is null or states.day < held.valid_to)
    left join {{ ref('customer_segment') }} as earlier
        on states.customer_id = earlier.customer_id
        and states.step = 1
        and earlier.valid_to = states.day
)

select * from placed
