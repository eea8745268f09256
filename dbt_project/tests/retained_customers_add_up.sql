-- A failing row is a measure of what is kept that contradicts itself or customer math.
-- Guards that gross retention is a share and no more than net retention; that openings, closings, new customers and who was kept
-- of an opening are those of customer math; that whoever goes from group to group comes from an opening and arrives at a closing;
-- and that a behaviour is told of every customer.
with kept as (
    select 'revenue_retention' as broken, math.period_kind as kind, math.period_start as told_of, math.segment
    from {{ ref('customer_math') }} as math
    left join {{ ref('revenue_retention') }} as kept using (period_kind, period_start, segment, value_basis)
    left join {{ ref('period_activity') }} as activity using (period_kind, period_start, segment)
    where kept.opening_customers is distinct from math.opening_customers
        or kept.lost_of_opening <> coalesce(activity.opening_customers_lost, 0)
        or not kept.kept_customers between 0 and kept.opening_customers
        or not kept.kept_customers_12m between 0 and kept.opening_customers_12m
        or kept.opening_value < math.opening_value
        or not kept.protected_value between 0 and least(kept.opening_value, kept.retained_value)
        or not kept.protected_value_12m between 0 and least(kept.opening_value_12m, kept.retained_value_12m)
        or not kept.gross_revenue_retention between 0 and least(1, kept.net_revenue_retention)
        or not kept.gross_revenue_retention_12m between 0 and least(1, kept.net_revenue_retention_12m)
),

ends as (
    select
        period_kind, period_start, value_basis, grouping_name, from_group as segment, opening_customers, opening_value,
        0 as closing_customers, 0 as closing_value
    from {{ ref('group_migration') }}
    union all
    select
        period_kind, period_start, value_basis, grouping_name, to_group as segment, 0 as opening_customers,
        0 as opening_value, closing_customers, closing_value
    from {{ ref('group_migration') }}
),

groups as (
    select
        period_kind, period_start, value_basis, grouping_name,
        case when grouping(segment) = 1 then 'all' else segment end as segment,
        sum(opening_customers) as opening_customers, sum(opening_value) as opening_value,
        sum(closing_customers) as closing_customers, sum(closing_value) as closing_value
    from ends
    group by grouping sets (
        (period_kind, period_start, value_basis, grouping_name, segment),
        (period_kind, period_start, value_basis, grouping_name)
    )
),

moved as (
    select 'group_migration' as broken, math.period_kind as kind, math.period_start as told_of, math.segment
    from {{ ref('customer_math') }} as math
    cross join (select distinct grouping_name from groups) as groupings
    left join groups
        on math.period_kind = groups.period_kind
        and math.period_start = groups.period_start
        and math.value_basis = groups.value_basis
        and math.segment = groups.segment
        and groupings.grouping_name = groups.grouping_name
    where (groupings.grouping_name = 'segment' or math.segment = 'all')
        and (
            coalesce(groups.opening_customers, 0) <> math.opening_customers
            or coalesce(groups.opening_value, 0) <> math.opening_value
            or coalesce(groups.closing_customers, 0) <> math.closing_customers
            or coalesce(groups.closing_value, 0) <> math.closing_value
        )
),

came as (
    select 'cohort_retention' as broken, 'month' as kind, math.period_start as told_of, math.segment
    from {{ ref('customer_math') }} as math
    left join {{ ref('cohort_retention') }} as cohort
        on math.period_start = cohort.cohort_month
        and math.segment = cohort.segment
        and math.value_basis = cohort.value_basis
    where math.period_kind = 'month'
        and (
            cohort.cohort_customers is distinct from math.new_customers
            or cohort.cohort_value <> math.new_value
            or not cohort.active_customers between 0 and cohort.cohort_customers
            or cohort.is_observed <> (cohort.active_customers is not null)
        )
),

behaved as (
    select 'behaviour_shift' as broken, math.period_kind as kind, math.period_start as told_of, math.segment
    from {{ ref('customer_math') }} as math
    left join {{ ref('behaviour_shift') }} as shift using (period_kind, period_start, segment)
    where shift.up_customers + shift.flat_customers + shift.down_customers + shift.no_baseline_customers
        is distinct from math.closing_customers
        or shift.declined_baseline_value > shift.baseline_value
)

select * from kept
union all
select * from moved
union all
select * from came
union all
select * from behaved
