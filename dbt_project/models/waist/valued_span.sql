-- grain: one row per revenue span, with its value at the rate of its first day (of the as-of day, where it starts
-- later; null where there is no such rate yet)
with company as (
    select * from {{ ref('company') }}
),

valued as (
    select
        spans.*,
        prices.mrr_value,
        prices.annualised_value
    from {{ ref('paying_span') }} as spans
    cross join company
    left join {{ ref('price_value') }} as prices
        on {{ same_price('spans', 'prices') }}
        and (prices.rate_from is null or prices.rate_from <= least(spans.valid_from, company.as_of_on))
        and (prices.rate_to is null or least(spans.valid_from, company.as_of_on) < prices.rate_to)
)

select * from valued
