-- A failing row is a customer in two segments on one day.
-- Guards the sum of segments, and joins to customer by day, against counting a customer twice.
with following as (
    select
        *,
        lag(coalesce(valid_to, date '9999-12-31')) over (
            partition by customer_id
            order by valid_from nulls first, valid_to nulls last
        ) as held_until
    from {{ ref('customer') }}
)

select *
from following
where coalesce(valid_from, date '0001-01-01') < held_until
    or valid_to <= valid_from
    or customer_id is null
