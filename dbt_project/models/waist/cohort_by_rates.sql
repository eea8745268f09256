-- grain: one row per customer and months [from_number, until_number), of each of its spans: what the rates of the day on
-- which it was new would add to what it is worth at their ends
with company as (
    select * from {{ ref('company') }}
),

{{ foreign_rates() }},

priced as (
    select
        prices.amount, prices.interval, prices.interval_count, rates.*,
        {{ value_of(
            'prices.amount', 'rates.rate', 'prices.interval', 'prices.interval_count', 'mrr', 'company.reporting_currency'
        ) }} as mrr,
        {{ value_of(
            'prices.amount', 'rates.rate', 'prices.interval', 'prices.interval_count', 'annualised',
            'company.reporting_currency'
        ) }} as annualised
    from (select distinct amount, currency, interval, interval_count from {{ ref('foreign_span') }}) as prices
    inner join rates on prices.currency = rates.currency
    cross join company
),

units as (
    select unit_id, min(rates_on) as rates_on
    from {{ ref('cohort_member') }}
    group by unit_id
),

added as (
    select
        spans.customer_id,
        greatest(spans.from_number, later.from_number) as from_number,
        least(spans.until_number, later.until_number) as until_number,
        cast(newly.mrr - later.mrr as decimal(18, 4)) as mrr,
        cast(newly.annualised - later.annualised as decimal(18, 4)) as annualised
    from {{ ref('foreign_span') }} as spans
    left join {{ ref('known_as') }} as known using (customer_id)
    inner join units on coalesce(known.tied_to, spans.customer_id) = units.unit_id
    inner join priced as newly
        on {{ same_price('spans', 'newly') }}
        and units.rates_on < newly.valid_to
        and (newly.is_first or newly.valid_from <= units.rates_on)
    inner join priced as later
        on {{ same_price('spans', 'later') }}
        and spans.from_number < later.until_number
        and later.from_number < spans.until_number
    where newly.rate <> later.rate
)

select * from added
where from_number < until_number
