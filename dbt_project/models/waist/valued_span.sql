-- grain: one row per revenue span, with its value at the rate of its first day (of the as-of day's, where it starts
-- later)
with company as (
    select * from {{ ref('company') }}
),

valued as (
    select
        spans.*,
        cast(sign(spans.amount) * {{ value_of(
            'abs(spans.amount)', 'rates.rate', 'spans.interval', 'spans.interval_count', 'mrr',
            'company.reporting_currency'
        ) }} as decimal(18, 4)) as mrr_value,
        cast(sign(spans.amount) * {{ value_of(
            'abs(spans.amount)', 'rates.rate', 'spans.interval', 'spans.interval_count', 'annualised',
            'company.reporting_currency'
        ) }} as decimal(18, 4)) as annualised_value
    from {{ ref('paying_span') }} as spans
    cross join company
    inner join {{ ref('currency_rate') }} as rates
        on spans.currency = rates.currency
        and (rates.valid_from is null or rates.valid_from <= spans.valid_from)
        and (rates.valid_to is null or spans.valid_from < rates.valid_to)
)

select * from valued
