-- grain: one row per revenue span and rate of its currency, from the day on which both hold (a rate that changes on the
-- span's last day included: what is held is revalued before it leaves)
with spans as (
    select *
    from {{ ref('paying_span') }}
    where valid_from <= (select as_of_on from {{ ref('company') }})
),

valued as (
    select
        spans.customer_id,
        spans.mover,
        spans.valid_from,
        spans.valid_to,
        -- a price of 0 is that of a free plan or a trial that the policies count; below it is a credit
        spans.amount >= 0 as is_paying,
        greatest(spans.valid_from, coalesce(prices.rate_from, spans.valid_from)) as rate_from,
        prices.rate_to,
        prices.mrr_value,
        prices.annualised_value,
        prices.mrr_revaluation,
        prices.annualised_revaluation
    from spans
    inner join {{ ref('price_value') }} as prices
        on {{ same_price('spans', 'prices') }}
        and (prices.rate_to is null or spans.valid_from < prices.rate_to)
        and (prices.rate_from is null or spans.valid_to is null or prices.rate_from <= spans.valid_to)
)

select * from valued
