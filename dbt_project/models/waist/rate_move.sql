-- grain: one row per currency and pair of rates in force where windows of so many months open and where they close, with the
-- months [from_number, until_number) at whose ends they close
-- Before a currency's first rate that one holds.
with company as (
    select * from {{ ref('company') }}
),

{{ foreign_rates() }},

lengths as (
    select * from (values (1), (3), (12)) as l (months)
),

moves as (
    select
        lengths.months,
        opened.currency,
        opened.rate as opening_rate,
        closed.rate as closing_rate,
        greatest(
            case when opened.is_first then -1 else opened.from_number end + lengths.months,
            case when closed.is_first then -1 else closed.from_number end
        ) as from_number,
        least(opened.until_number + lengths.months, closed.until_number) as until_number
    from rates as opened
    inner join rates as closed on opened.currency = closed.currency
    cross join lengths
    where opened.rate <> closed.rate
)

select * from moves
where from_number < until_number
