-- grain: one row per fiscal year whose revenue and that of the year before are both known, with the months compared
-- Of a year that is open its whole months so far, against the same months of the year before.
with company as (
    select * from {{ ref('company') }}
),

years as (
    select
        periods.period_kind,
        periods.period_start,
        least(periods.next_period_start, {{ month_of(add_days('company.as_of_on', '1')) }}) as counted_to,
        company.history_starts_on
    from {{ ref('calendar') }} as periods
    cross join company
    where periods.period_kind = 'year'
),

compared as (
    select
        period_kind,
        period_start,
        counted_to,
        {{ add_months('period_start', '-12') }} as earlier_from,
        {{ add_months('counted_to', '-12') }} as earlier_to
    from years
    where period_start < counted_to
        and (history_starts_on is null or history_starts_on < {{ add_months('period_start', '-12') }})
)

select * from compared
