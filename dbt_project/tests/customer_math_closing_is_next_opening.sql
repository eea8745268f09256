-- A failing row is a period that opens with other customers or another value than the period before closed with.
-- Guards that nothing happens between two periods.
with following as (
    select
        *,
        lag(closing_customers) over before as closed_customers,
        lag(closing_value) over before as closed_value
    from {{ ref('customer_math') }}
    window before as (partition by period_kind, segment, value_basis order by period_start)
)

select *
from following
where closed_customers <> opening_customers
    or closed_value <> opening_value
