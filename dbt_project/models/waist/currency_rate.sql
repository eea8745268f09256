-- grain: one row per currency and the days on which a rate to the reporting currency holds, [valid_from, valid_to)
-- A rate that is needed and missing stops the run with the row to add.
with company as (
    select * from {{ ref('company') }}
),

rates as (
    select
        currency,
        valid_from,
        lead(valid_from) over (partition by currency order by valid_from) as valid_to,
        cast(rate as decimal(18, 8)) as rate
    from {{ source('reference', 'fx_rate') }}
    where currency <> (select reporting_currency from company)
    union all
    select
        reporting_currency as currency, cast(null as date) as valid_from, cast(null as date) as valid_to,
        cast(1 as decimal(18, 8)) as rate
    from company
    where reporting_currency is not null
),

needed as (
    select currency, valid_from as day from {{ ref('paying_span') }}
    union all
    select currency, billed_on as day from {{ ref('customer_amount') }}
),

missing as (
    select first_needed.currency, first_needed.day as first_day
    from (
        select currency, min(day) as day
        from needed
        where day <= (select as_of_on from company)
        group by currency
    ) as first_needed
    left join (
        select currency, min(coalesce(valid_from, date '0001-01-01')) as day
        from rates
        group by currency
    ) as first_rate
        on first_needed.currency = first_rate.currency
    where first_rate.day is null or first_needed.day < first_rate.day
),

checked as (
    select case when count(*) > 0 then {{ stop(
        "'No exchange rate for ' || min(currency) || ' on ' || cast(min_by(first_day, currency) as string)"
        ~ " || ': add the row ' || min(currency) || ',' || cast(min_by(first_day, currency) as string)"
        ~ " || ',<rate> to fx_rate.csv.'"
    ) }} else true end as is_complete
    from missing
)

select rates.*
from rates
cross join checked
where checked.is_complete
