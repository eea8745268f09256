-- grain: one row per currency and pair of rates in force where windows of so many months open and where they close, with the
-- months [from_number, until_number) at whose ends they close
-- Before a currency's first rate that one holds.
with company as (
    select * from {{ ref('company') }}
),

rates as (
    select
        rates.currency,
        rates.rate,
        case
            when lag(rates.valid_from) over (partition by rates.currency order by rates.valid_from) is null then -1
            else {{ known_month('rates.valid_from') }}
        end as from_number,
        case
            when rates.valid_to <= company.as_of_on then {{ known_month('rates.valid_to') }} else 1000000
        end as until_number
    from {{ ref('currency_rate') }} as rates
    cross join company
    where rates.currency <> company.reporting_currency
        and rates.valid_from <= company.as_of_on
),

lengths as (
    select * from (values (1), (3), (12)) as l (months)
),

moves as (
    select
        lengths.months,
        opened.currency,
        opened.rate as opening_rate,
        closed.rate as closing_rate,
        greatest(opened.from_number + lengths.months, closed.from_number) as from_number,
        least(opened.until_number + lengths.months, closed.until_number) as until_number
    from rates as opened
    inner join rates as closed on opened.currency = closed.currency
    cross join lengths
    where opened.rate <> closed.rate
)

select * from moves
where from_number < until_number
