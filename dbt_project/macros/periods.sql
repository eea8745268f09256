{#- After a CTE `bounds` (first_month, last_month, as_of_on, fiscal_year_starts_in; one row): CTEs up to `periods`, one row per month, quarter and
    fiscal year from the first month to the last; none where there is no first. -#}
{% macro periods_within_bounds() -%}
counted as (
    select
        *,
        {{ each_number('(year(last_month) - year(first_month)) * 12 + month(last_month) - month(first_month)') }} as nth
    from bounds
    where first_month is not null
),

months as (
    select
        {{ add_months('first_month', 'nth') }} as month_start,
        as_of_on,
        fiscal_year_starts_in
    from counted
),

placed as (
    select
        month_start,
        as_of_on,
        (month(month_start) - fiscal_year_starts_in + 12) % 12 as months_into_year
    from months
),

kinds as (
    select 'month' as period_kind, 1 as months, month_start as period_start, as_of_on from placed
    union
    select
        'quarter' as period_kind, 3 as months,
        {{ add_months('month_start', '-(months_into_year % 3)') }} as period_start, as_of_on
    from placed
    union
    select
        'year' as period_kind, 12 as months,
        {{ add_months('month_start', '-months_into_year') }} as period_start, as_of_on
    from placed
),

periods as (
    select
        period_kind,
        period_start,
        {{ add_months('period_start', 'months') }} as next_period_start,
        as_of_on < {{ add_days(add_months('period_start', 'months'), '-1') }} as is_provisional
    from kinds
)
{%- endmacro %}
