-- grain: one row, what holds for the whole company and run
with settings as (
    select * from {{ source('run', 'settings') }}
),

amounts as (
    select currency from {{ ref('recurring_line') }}
    union all
    select currency from {{ ref('billed_amount') }}
    union all
    select currency from {{ ref('purchase') }}
),

commonest as (
    select currency
    from amounts
    group by currency
    order by count(*) desc, currency
    limit 1
),

company as (
    select
        as_of.as_of_on,
        coalesce(settings.reporting_currency, (select currency from commonest)) as reporting_currency,
        settings.grace_days,
        settings.history_starts_on,
        settings.fiscal_year_starts_in
    from settings
    cross join {{ ref('as_of') }} as as_of
)

select * from company
