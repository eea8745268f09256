-- grain: one row per month of the calendar and segment, with what was earned in it
-- Revenue is told by the months in which it starts and stops, so that no month of any customer is gone through.
with changes as (
    select
        case when ends.is_end then revenue.month_to else revenue.month_from end as month_start,
        revenue.segment,
        case when ends.is_end then -revenue.value else revenue.value end as value
    from {{ ref('recognised_revenue') }} as revenue
    cross join (values (false), (true)) as ends (is_end)
),

summed as (
    select month_start, segment, cast(sum(value) as decimal(18, 4)) as value
    from changes
    group by month_start, segment
),

levels as (
    select
        segment,
        month_start,
        lead(month_start) over (partition by segment order by month_start) as next_month_start,
        cast(sum(value) over (
            partition by segment order by month_start rows between unbounded preceding and current row
        ) as decimal(18, 4)) as revenue
    from summed
),

dense as (
    select
        months.period_start as month_start,
        months.next_period_start as next_month_start,
        months.is_provisional,
        segments.segment,
        coalesce(levels.revenue, 0) as revenue
    from {{ ref('calendar') }} as months
    cross join {{ ref('segment_seen') }} as segments
    left join levels
        on segments.segment = levels.segment
        and levels.month_start <= months.period_start
        and (levels.next_month_start is null or months.period_start < levels.next_month_start)
    where months.period_kind = 'month'
)

select * from dense
