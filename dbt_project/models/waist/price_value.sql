-- grain: one row per price and exchange rate in force while the price is in use, with its value
-- Prices are few and spans are many, so a price is valued once for all who pay it.
with company as (
    select * from {{ ref('company') }}
),

prices as (
    select
        spans.amount,
        spans.currency,
        spans.interval,
        spans.interval_count,
        min(least(spans.valid_from, company.as_of_on)) as first_on,
        max(coalesce(spans.valid_to, date '9999-12-31')) as last_on
    from {{ ref('paying_span') }} as spans
    cross join company
    group by spans.amount, spans.currency, spans.interval, spans.interval_count
),

rated as (
    select prices.*, rates.valid_from as rate_from, rates.valid_to as rate_to, rates.rate
    from prices
    inner join {{ ref('currency_rate') }} as rates
        on prices.currency = rates.currency
        and (rates.valid_to is null or prices.first_on < rates.valid_to)
        and (rates.valid_from is null or rates.valid_from <= prices.last_on)
),

valued as (
    select
        rated.amount,
        rated.currency,
        rated.interval,
        rated.interval_count,
        rated.rate_from,
        rated.rate_to,
        rated.rate,
        {{ value_of(
            'amount', 'rate', 'interval', 'interval_count', 'mrr', 'company.reporting_currency'
        ) }} as mrr_value,
        {{ value_of(
            'amount', 'rate', 'interval', 'interval_count', 'annualised', 'company.reporting_currency'
        ) }} as annualised_value
    from rated
    cross join company
),

revalued as (
    select
        *,
        cast(mrr_value - lag(mrr_value) over price as decimal(18, 4)) as mrr_revaluation,
        cast(annualised_value - lag(annualised_value) over price as decimal(18, 4)) as annualised_revaluation
    from valued
    window price as (partition by amount, currency, interval, interval_count order by rate_from nulls first)
)

select * from revalued
