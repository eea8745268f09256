-- A failing row is a figure of a profile that its bridge does not explain, or that contradicts itself.
-- Guards that steps sum to the difference and start at the one-company figure, that the customers behind a step sum to it, that whoever
-- opened, came and left is who is there at the close, and that months compose.
with sums as (
    select
        profile, metric, period_kind, period_start, sum(difference) as difference,
        max(case when step = 1 then figure_before end) as one_company, count(*) as steps, count(distinct step) as steps_told
    from {{ ref('definition_bridge') }}
    group by profile, metric, period_kind, period_start
),

unexplained as (
    select 'bridge' as broken, variance.profile, variance.metric, variance.period_kind, variance.period_start
    from {{ ref('definition_variance') }} as variance
    left join sums using (profile, metric, period_kind, period_start)
    where variance.metric <> 'retention' and variance.recomputed is not null
        and (
            sums.difference is distinct from variance.difference
            or sums.one_company is distinct from variance.one_company
            or sums.steps <> sums.steps_told
        )
),

behind as (
    select
        customers.profile, customers.step, customers.metric, months.period_start, sum(customers.difference) as difference
    from {{ ref('customer_set_difference') }} as customers
    inner join {{ ref('calendar') }} as months
        on months.period_kind = 'month'
        and customers.month_from <= months.period_start
        and (customers.month_to is null or months.period_start < customers.month_to)
    group by customers.profile, customers.step, customers.metric, months.period_start
),

told_of as (
    select 'customers behind a step' as broken, steps.profile, steps.metric, steps.period_kind, steps.period_start
    from {{ ref('definition_bridge') }} as steps
    left join behind
        on steps.profile = behind.profile
        and steps.step = behind.step
        and steps.metric = behind.metric
        and steps.period_start = behind.period_start
    where steps.period_kind = 'month'
        -- records that change their customer are merged, which is no flow of either
        and steps.policy <> 'merged_customers'
        and steps.metric in ('new_customers', 'won_back_customers', 'lost_customers', 'closing_customers', 'closing_value')
        and coalesce(behind.difference, 0) <> steps.difference
),

wide as (
    select
        profile, period_kind, period_start,
        {%- for metric in profile_metrics() %}
        max(case when metric = '{{ metric }}' then recomputed end) as {{ metric }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('definition_variance') }}
    group by profile, period_kind, period_start
),

adding as (
    select 'opening and flows' as broken, profile, 'closing_customers' as metric, period_kind, period_start
    from wide
    where opening_customers + net_customers <> closing_customers
        or new_customers + won_back_customers - lost_customers <> net_customers
        or not kept_customers between 0 and opening_customers
),

composed as (
    select 'months do not compose' as broken, longer.profile, longer.metric, longer.period_kind, longer.period_start
    from {{ ref('definition_variance') }} as longer
    inner join {{ ref('calendar') }} as periods using (period_kind, period_start)
    inner join {{ ref('definition_variance') }} as months
        on months.period_kind = 'month'
        and longer.profile = months.profile
        and longer.metric = months.metric
        and months.period_start >= periods.period_start
        and months.period_start < periods.next_period_start
    where longer.period_kind <> 'month'
        and longer.metric in ('new_customers', 'won_back_customers', 'lost_customers')
    group by longer.profile, longer.metric, longer.period_kind, longer.period_start, longer.recomputed
    having sum(months.recomputed) <> longer.recomputed
)

select * from unexplained
union all
select * from told_of
union all
select * from adding
union all
select * from composed
