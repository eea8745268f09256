-- grain: one row per customer and day of a hand-over; customers that the day's hand-overs tie together share `tied_to`
-- The smallest id spreads from hand-over to hand-over. Chains of more hops than these would fall into several groups;
-- each of them is told by itself, and what is told adds up all the same.
{%- set hops = 6 %}
with hop_0 as (
    select moved_on, mover, earlier_customer_id as customer_id, least(earlier_customer_id, customer_id) as tied_to
    from {{ ref('hand_over') }}
    union all
    select moved_on, mover, customer_id, least(earlier_customer_id, customer_id) as tied_to
    from {{ ref('hand_over') }}
),

{%- for hop in range(1, hops + 1) %}

at_customer_{{ hop }} as (
    select moved_on, mover, customer_id, min(tied_to) over (partition by moved_on, customer_id) as tied_to
    from hop_{{ hop - 1 }}
),

hop_{{ hop }} as (
    select moved_on, mover, customer_id, min(tied_to) over (partition by moved_on, mover) as tied_to
    from at_customer_{{ hop }}
),
{%- endfor %}

tied as (
    select moved_on, customer_id, min(tied_to) as tied_to
    from hop_{{ hops }}
    group by moved_on, customer_id
)

select * from tied
