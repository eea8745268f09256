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
        activity as activity_change,
        count(case when activity > 0 or brings_past then 1 end) over so_far as rises
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
        -- nobody is active before the first rise, so that the first one makes the customer active; a past that came along is one
        rises = 1 and activity_change > 0 as is_first_activation,
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
        -- a hand-over comes before the transfer of its day
        case
            when states.step = 1 and states.day = held.valid_from then held.earlier_segment
            else coalesce(held.segment, 'unsegmented')
        end as segment,
        case when states.step = 2 then held.earlier_segment end as earlier_segment
    from states
    {{ join_segment('states.customer_id', 'states.day') }}
)

select * from placed
