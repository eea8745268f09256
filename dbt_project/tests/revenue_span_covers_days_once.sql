-- A failing row is a span that covers no day, or a day that the span before it on the same line covers.
-- Guards against a line's price counted twice.
with following as (
    select
        *,
        lag(coalesce(valid_to, date '9999-12-31')) over (
            partition by vendor, system, customer_id, line_ref
            order by valid_from, valid_to nulls last
        ) as covered_until
    from {{ ref('revenue_span') }}
)

select *
from following
where valid_to <= valid_from
    or valid_from < covered_until
    or valid_from is null
