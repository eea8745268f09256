-- grain: one row per amount invoiced or bought, in the reporting currency at the rate of its day, never revalued
-- A source that keeps no invoices is taken to bill in advance: the amount on the first day of each interval.
with company as (
    select * from {{ ref('company') }}
),

amounts as (
    select customer_id, mover, billed_on, amount, currency from {{ ref('customer_amount') }}
    union all
    select customer_id, mover, billed_on, amount, currency from {{ ref('instalment') }}
),

valued as (
    select
        amounts.customer_id,
        amounts.mover,
        amounts.billed_on,
        {{ rounded_share('amounts.amount', 'rates.rate', '1', '1', 'company.reporting_currency') }} as value
    from amounts
    inner join {{ ref('rate_on_day') }} as rates
        on amounts.currency = rates.currency
        and amounts.billed_on = rates.day
    cross join company
    where amounts.billed_on <= company.as_of_on
)

select
    customer_id,
    mover,
    billed_on,
    cast(value as decimal(18, 4)) as value
from valued
