-- grain: one row per silo metric and month that has ended, with its value and what became of it since the month before
with metrics as (
    select silo, metric, direction, cast(target as decimal(18, 6)) as target, touchpoint, touchpoint_measure
    from {{ source('reference', 'silo_metric') }}
),

ended as (
    select as_of_on, {{ month_of(add_days('as_of_on', '1')) }} as open_month from {{ ref('company') }}
),

events as (
    select
        events.touchpoint,
        {{ month_of(company_day('events.occurred_at')) }} as month_start,
        events.is_conforming,
        events.minutes
    from {{ ref('touchpoint_event') }} as events
),

-- minutes that add up to millions of years are none
measured as (
    select
        touchpoint, month_start,
        {{ ratio('try_cast(sum(minutes) as decimal(16, 4))', 'count(minutes)') }} as mean_minutes,
        {{ ratio('count(case when is_conforming then 1 end)', 'count(*)') }} as conforming_share,
        cast(count(*) as decimal(18, 6)) as events
    from events
    group by touchpoint, month_start
),

valued as (
    select
        metrics.silo, metrics.metric, metrics.direction, metrics.target, measured.month_start,
        case metrics.touchpoint_measure
            when 'mean_minutes' then measured.mean_minutes
            when 'conforming_share' then measured.conforming_share
            else measured.events
        end as value
    from metrics
    inner join measured on metrics.touchpoint = measured.touchpoint
    union all
    select
        metrics.silo, metrics.metric, metrics.direction, metrics.target, stated.month as month_start,
        cast(stated.value as decimal(18, 6)) as value
    from metrics
    inner join {{ source('reference', 'silo_metric_value') }} as stated
        on metrics.silo = stated.silo
        and metrics.metric = stated.metric
),

-- of months in a row alone can be said what became of the value
followed as (
    select
        valued.*,
        case
            when lag(month_start) over months = {{ add_months('month_start', '-1') }} then lag(value) over months
        end as earlier_value
    from valued
    cross join ended
    where valued.value is not null
        and valued.month_start < ended.open_month
    window months as (partition by silo, metric order by month_start)
)

select
    silo, metric, month_start, value, earlier_value,
    case direction when 'up' then value - earlier_value else earlier_value - value end as gain,
    case direction when 'up' then value >= target else value <= target end as is_target_met
from followed
