-- grain: one row per period, segment (and `all`) and category (and `uncategorised` and `all`) of which anything was said
{%- set place = 'periods.period_kind, periods.period_start' %}
with monthly as (
    select
        {{ month_of('given_on') }} as month_start, segment, category, case when is_customer then customer_id end as customer_id,
        count(case when is_aided then 1 end) as aided_items, count(case when not is_aided then 1 end) as unaided_items,
        max(yearly_value) as yearly_value
    from {{ ref('feedback_item') }}
    where category is not null
    group by {{ month_of('given_on') }}, segment, category, case when is_customer then customer_id end
),

-- whoever says a thing twice, or in two segments, is one customer
by_customer as (
    select
        periods.period_kind,
        periods.period_start,
        case when grouping(monthly.segment) = 1 then 'all' else monthly.segment end as segment,
        case when grouping(monthly.category) = 1 then 'all' else monthly.category end as category,
        monthly.customer_id,
        sum(monthly.aided_items) as aided_items,
        sum(monthly.unaided_items) as unaided_items,
        max(monthly.yearly_value) as yearly_value
    from monthly
    inner join {{ ref('heard_period') }} as periods
        on monthly.month_start >= periods.period_start
        and monthly.month_start < periods.next_period_start
    group by grouping sets (
        ({{ place }}, monthly.segment, monthly.category, monthly.customer_id), ({{ place }}, monthly.category, monthly.customer_id),
        ({{ place }}, monthly.segment, monthly.customer_id), ({{ place }}, monthly.customer_id)
    )
)

select
    period_kind, period_start, segment, category,
    cast(sum(aided_items) as bigint) as aided_items,
    cast(sum(unaided_items) as bigint) as unaided_items,
    cast(sum(aided_items + unaided_items) as bigint) as items,
    cast(count(customer_id) as bigint) as customers,
    cast(coalesce(sum(yearly_value), 0) as decimal(18, 4)) as customers_value
from by_customer
group by period_kind, period_start, segment, category
