-- grain: one row per month, quarter and fiscal year from the first movement to the as-of day
-- Where nothing has moved since history starts, from the day after its start.
with bounds as (
    select
        {{ month_of('coalesce(' ~ "min(case when movements.movement <> 'opening' then movements.moved_on end)" ~ ', '
            ~ add_days('max(company.history_starts_on)', '1') ~ ')') }} as first_month,
        {{ month_of('max(company.as_of_on)') }} as last_month,
        max(company.as_of_on) as as_of_on,
        max(company.fiscal_year_starts_in) as fiscal_year_starts_in
    from {{ ref('movement') }} as movements
    cross join {{ ref('company') }} as company
),

{{ periods_within_bounds() }}

select * from periods
