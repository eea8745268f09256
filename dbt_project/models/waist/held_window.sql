-- grain: one row per kind of window (periods, and the twelve months up to a period's close) and month at whose end it closes
with periods as (
    select
        period_kind,
        {{ month_number('period_start') }} - 1 as opening_number,
        {{ month_number('next_period_start') }} - 1 as closing_number
    from {{ ref('calendar') }}
),

windows as (
    select
        period_kind as window_kind, cast(closing_number - opening_number as integer) as months,
        cast(opening_number as integer) as opening_number, cast(closing_number as integer) as closing_number
    from periods
    union
    select
        'twelve_months' as window_kind, 12 as months, cast(closing_number - 12 as integer) as opening_number,
        cast(closing_number as integer) as closing_number
    from periods
)

select * from windows
