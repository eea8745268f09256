-- grain: one row per customer and compared fiscal year, with its revenue in it and in the year before
-- Customers are those of the as-of day, in both years: a record that changed its customer is neither loss nor gain.
with years as (
    select * from {{ ref('compared_year') }}
),

summed as (
    select
        years.period_start,
        revenue.customer_id,
        cast(sum(revenue.value * greatest(0, {{ months_between(
            'greatest(revenue.month_from, years.period_start)', 'least(revenue.month_to, years.counted_to)'
        ) }})) as decimal(18, 4)) as this_year,
        cast(sum(revenue.value * greatest(0, {{ months_between(
            'greatest(revenue.month_from, years.earlier_from)', 'least(revenue.month_to, years.earlier_to)'
        ) }})) as decimal(18, 4)) as last_year,
        min(revenue.month_from) as first_month,
        min(case
            when years.period_start < revenue.month_to then greatest(revenue.first_on, years.period_start)
        end) as first_on
    from {{ ref('recognised_revenue') }} as revenue
    inner join years on revenue.month_from < years.counted_to
    group by years.period_start, revenue.customer_id
),

placed as (
    select
        summed.period_start,
        summed.customer_id,
        summed.this_year,
        summed.last_year,
        case
            when summed.last_year > 0 then 'retained'
            when summed.first_month < years.earlier_from then 'won_back'
            else coalesce(origins.kind, 'unattributed')
        end as origin,
        case
            when summed.last_year > 0 or summed.first_on is null then {{ add_days('summed.period_start', '-1') }}
            else summed.first_on
        end as told_on
    from summed
    inner join years on summed.period_start = years.period_start
    left join {{ ref('customer_origin') }} as origins on summed.customer_id = origins.customer_id
    where summed.this_year <> 0 or summed.last_year <> 0
),

of_segments as (
    select placed.*, coalesce(held.segment, 'unsegmented') as segment
    from placed
    {{ join_segment('placed.customer_id', 'placed.told_on') }}
)

select period_start, customer_id, segment, origin, this_year, last_year
from of_segments
