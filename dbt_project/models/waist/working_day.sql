-- grain: one row per day from the first feedback to the as-of day, with when the company works on it and how long it had worked before
with bounds as (
    select min({{ company_day('items.given_at') }}) as first_on, max(company.as_of_on) as as_of_on
    from {{ ref('feedback_item') }} as items
    cross join {{ ref('company') }} as company
),

counted as (
    select first_on, {{ each_number(days_between('first_on', 'as_of_on')) }} as nth
    from bounds
    where first_on is not null
),

days as (
    select {{ add_days('first_on', 'nth') }} as day from counted
),

-- a date goes before its weekday; the first day of 1900 was a Monday
hours as (
    select
        days.day,
        case when dated.day is null then usual.opens_at else dated.opens_at end as opens_at,
        case when dated.day is null then usual.closes_at else dated.closes_at end as closes_at
    from days
    inner join (values
        (0, 'monday'), (1, 'tuesday'), (2, 'wednesday'), (3, 'thursday'), (4, 'friday'), (5, 'saturday'), (6, 'sunday')
    ) as weekdays (nth, weekday)
        on {{ days_between("date '1900-01-01'", 'days.day') }} % 7 = weekdays.nth
    left join {{ source('reference', 'working_hours') }} as usual on weekdays.weekday = usual.day
    left join {{ source('reference', 'working_hours') }} as dated on cast(days.day as string) = dated.day
),

timed as (
    select
        day
        {%- for time in ['opens', 'closes'] %},
        cast(coalesce(
            cast(left({{ time }}_at, 2) as int) * 3600 + cast(right({{ time }}_at, 2) as int) * 60, 0
        ) as bigint) as {{ time }}
        {%- endfor %}
    from hours
)

select
    day, opens, closes,
    cast(coalesce(
        sum(closes - opens) over (order by day rows between unbounded preceding and 1 preceding), 0
    ) as bigint) as worked_before
from timed
