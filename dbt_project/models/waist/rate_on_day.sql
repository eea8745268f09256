-- grain: one row per currency and day on which something in it was billed or bought, up to the as-of day
-- The few days are looked up once, so that the many amounts of a day find their rate by equality.
with days as (
    select currency, billed_on as day from {{ ref('customer_amount') }}
    union
    select currency, billed_on as day from {{ ref('instalment') }}
),

rated as (
    select days.currency, days.day, rates.rate
    from days
    inner join {{ ref('currency_rate') }} as rates
        on days.currency = rates.currency
        and (rates.valid_from is null or rates.valid_from <= days.day)
        and (rates.valid_to is null or days.day < rates.valid_to)
    where days.day <= (select as_of_on from {{ ref('company') }})
)

select * from rated
