-- grain: one row per customer and day on which discounts of its contracts change, and nothing else of them
-- Of each line the list price is then as before, and so are its currency and its interval.
{%- set line = 'vendor, system, line_customer_id, line_ref, currency, interval, interval_count' %}
with given as (
    select distinct coalesce(known.tied_to, spans.customer_id) as unit_id
    from {{ ref('paying_span') }} as spans
    left join {{ ref('known_as') }} as known using (customer_id)
    where spans.discount_amount <> 0
),

-- whoever a discount was given to, with all whose the record ever was
discounted as (
    select spans.*
    from {{ ref('paying_span') }} as spans
    left join {{ ref('known_as') }} as known using (customer_id)
    semi join given on coalesce(known.tied_to, spans.customer_id) = given.unit_id
),

turns as (
    select
        vendor, system, customer_id as line_customer_id, mover, line_ref, currency, interval, interval_count,
        case when sides.is_end then valid_to else valid_from end as day,
        case when sides.is_end then -list_amount else list_amount end as list_amount,
        case when sides.is_end then -amount else amount end as amount
    from discounted
    cross join (values (false), (true)) as sides (is_end)
    where not sides.is_end or valid_to is not null
),

held as (
    select turns.*, coalesce(stays.customer_id, turns.line_customer_id) as customer_id
    from turns
    {{ join_stays('turns.mover', 'turns.day') }}
),

changes as (
    select customer_id, day, {{ line }}, sum(list_amount) as list_change, sum(amount) as change
    from held
    group by customer_id, day, {{ line }}
),

alone as (
    select customer_id, day as changed_on
    from changes
    group by customer_id, day
    having bool_and(list_change = 0) and bool_or(change <> 0)
)

select * from alone
