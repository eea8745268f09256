-- grain: one row per month that has ended and segment (and `all`): its last twelve months together, or as many as there are
with profits as (
    select
        month_start,
        case when grouping(segment) = 1 then 'all' else segment end as segment,
        sum(revenue) as revenue,
        sum(direct_cost) as direct_cost,
        count(case when direct_cost is null then 1 end) as uncosted
    from {{ ref('monthly_profit') }}
    group by grouping sets ((month_start, segment), (month_start))
),

months as (
    select
        bridge.period_start as month_start,
        bridge.segment,
        bridge.opening_customers,
        bridge.opening_customers + bridge.closing_customers as twice_the_customers,
        coalesce(activity.opening_customers_lost, 0) as opening_customers_lost,
        profits.revenue,
        profits.direct_cost,
        profits.uncosted
    from {{ ref('period_bridge') }} as bridge
    inner join profits
        on bridge.period_start = profits.month_start
        and bridge.segment = profits.segment
    left join {{ ref('period_activity') }} as activity
        on bridge.period_kind = activity.period_kind
        and bridge.period_start = activity.period_start
        and bridge.segment = activity.segment
    where bridge.period_kind = 'month'
        and bridge.value_basis = 'mrr'
        and not bridge.is_provisional
),

of_twelve as (
    select
        month_start,
        {{ add_months('month_start', '1') }} as next_month_start,
        segment,
        cast(count(*) over last_twelve as integer) as months_observed,
        cast(sum(opening_customers) over last_twelve as bigint) as opening_customer_months,
        cast(sum(opening_customers_lost) over last_twelve as bigint) as opening_customers_lost,
        cast(sum(twice_the_customers) over last_twelve as bigint) as twice_the_customer_months,
        cast(sum(revenue) over last_twelve as decimal(18, 4)) as revenue,
        case when sum(uncosted) over last_twelve = 0 then cast(sum(revenue - direct_cost) over last_twelve as decimal(18, 4)) end
            as gross_profit
    from months
    window last_twelve as (partition by segment order by month_start rows between 11 preceding and current row)
)

select * from of_twelve
