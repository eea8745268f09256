-- grain: one row per revenue span, with its value at the rate of its first day (of the as-of day, where it starts
-- later; null where there is no such rate yet)
with company as (
    select * from {{ ref('company') }}
),

valued as (
    select
        spans.*,
        {{ value_of(
            'spans.amount', 'rates.rate', 'spans.interval', 'spans.interval_count', 'mrr',
            'company.reporting_currency'
        ) }} as mrr_value,
        {{ value_of(
            'spans.amount', 'rates.rate', 'spans.interval', 'spans.interval_count', 'annualised',
            'company.reporting_currency'
        ) }} as annualised_value
    from {{ ref('paying_span') }} as spans
    cross join company
    left join {{ ref('rate_on_day') }} as rates
        on spans.currency = rates.currency
        and least(spans.valid_from, company.as_of_on) = rates.day
)

select * from valued
