-- grain: one row per month, quarter and fiscal year in which customers may be heard: those of the calendar, else from the first that was said or asked
-- Whoever exports tickets and surveys alone has no customers that move, and hears from them all the same.
with heard as (
    select min(given_on) as heard_on from {{ ref('feedback_item') }}
    union all
    select min(sent_on) as heard_on from {{ ref('survey_ask') }}
),

bounds as (
    select
        {{ month_of('min(heard.heard_on)') }} as first_month,
        {{ month_of('max(company.as_of_on)') }} as last_month,
        max(company.as_of_on) as as_of_on,
        max(company.fiscal_year_starts_in) as fiscal_year_starts_in
    from heard
    cross join {{ ref('company') }} as company
    where (select count(*) from {{ ref('calendar') }}) = 0
),

{{ periods_within_bounds() }}

select period_kind, period_start, next_period_start, is_provisional from {{ ref('calendar') }}
union all
select period_kind, period_start, next_period_start, is_provisional from periods
