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
    where currency is not null
    group by currency
    order by count(*) desc, currency
    limit 1
),

unnamed as (
    select count(*) as amounts from amounts
),

company as (
    select
        as_of.as_of_on,
        case
            when settings.reporting_currency is not null then settings.reporting_currency
            when (select count(*) from commonest) > 0 then (select currency from commonest)
            when unnamed.amounts > 0 then {{ stop(
                "'None of the ' || cast(unnamed.amounts as string) || ' amounts billed or sold names its currency: '"
                ~ " || 'add the row reporting_currency,<its three capital letters> to settings.csv.'"
            ) }}
        end as reporting_currency,
        settings.grace_days,
        settings.reason_window_days,
        settings.early_renewal_days,
        settings.history_starts_on,
        settings.fiscal_year_starts_in,
        greatest(settings.minimum_cell_size, 1) as minimum_cell_size,  -- of nobody there is no rate
        settings.behaviour_shift_percent,
        cast(settings.discount_rate_a_month as decimal(18, 8)) as discount_rate_a_month,
        settings.lifetime_horizon_months
    from settings
    cross join {{ ref('as_of') }} as as_of
    cross join unnamed
)

select * from company
