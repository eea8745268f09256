-- grain: one row per revenue span and rate of its currency, from the day on which both hold (a rate that changes on the
-- span's last day included: what is held is revalued before it leaves)
with company as (
    select * from {{ ref('company') }}
),

spans as (
    select *
    from {{ ref('paying_span') }}
    where valid_from <= (select as_of_on from company)
),

rates as (
    select * from {{ ref('currency_rate') }}
),

rated as (
    select
        spans.customer_id,
        spans.valid_from,
        spans.valid_to,
        spans.amount > 0 as is_paying,
        greatest(spans.valid_from, coalesce(rates.valid_from, spans.valid_from)) as rate_from,
        rates.valid_to as rate_to,
        cast(sign(spans.amount) as integer) as direction,
        {{ value_of(
            'abs(spans.amount)', 'rates.rate', 'spans.interval', 'spans.interval_count', 'mrr',
            'company.reporting_currency'
        ) }} as mrr,
        {{ value_of(
            'abs(spans.amount)', 'rates.rate', 'spans.interval', 'spans.interval_count', 'annualised',
            'company.reporting_currency'
        ) }} as annualised
    from spans
    inner join rates
        on spans.currency = rates.currency
        and (rates.valid_to is null or spans.valid_from < rates.valid_to)
        and (rates.valid_from is null or spans.valid_to is null or rates.valid_from <= spans.valid_to)
    cross join company
),

valued as (
    select
        customer_id,
        valid_from,
        valid_to,
        is_paying,
        rate_from,
        rate_to,
        cast(direction * mrr as decimal(18, 4)) as mrr_value,
        cast(direction * annualised as decimal(18, 4)) as annualised_value
    from rated
)

select * from valued
