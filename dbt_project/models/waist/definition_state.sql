-- grain: one row per definition, unit that it counts and day on which anything of it changes: how, and whether it is active before and after
with company as (
    select * from {{ ref('company') }}
),

changes as (
    select
        spans.definition_number, spans.customer_id, spans.unit,
        case when ends.is_end then spans.valid_to else spans.valid_from end as day,
        case when ends.is_end then -prices.value else prices.value end as value,
        case
            when not spans.is_counting then 0
            when ends.is_end and spans.valid_to = spans.span_to then -1
            when not ends.is_end and spans.valid_from = spans.span_from then 1
            else 0
        end as activity
    from {{ ref('definition_span') }} as spans
    inner join {{ ref('definition_price') }} as prices
        on spans.amount = prices.amount
        and spans.rate = prices.rate
        and spans.interval = prices.interval
        and spans.interval_count = prices.interval_count
    cross join (values (false), (true)) as ends (is_end)
),

daily as (
    select
        definition_number, unit, day,
        min(customer_id) as customer_id,
        cast(sum(value) as decimal(18, 4)) as value,
        cast(sum(activity) as integer) as activity
    from changes
    where day is not null
    group by definition_number, unit, day
),

running as (
    select
        *,
        cast(sum(value) over so_far as decimal(18, 4)) as value_sum,
        sum(activity) over so_far as activity_sum,
        count(case when activity > 0 then 1 end) over so_far as rises
    from daily
    where day <= (select as_of_on from company)
    window so_far as (
        partition by definition_number, unit order by day rows between unbounded preceding and current row
    )
)

select
    definition_number, customer_id, unit, day,
    activity_sum - activity > 0 as was_active,
    activity_sum > 0 as is_active,
    -- nobody is active before the first rise
    rises = 1 and activity > 0 as is_first_activation,
    cast(
        case when activity_sum > 0 then value_sum else 0 end
        - case when activity_sum - activity > 0 then value_sum - value else 0 end as decimal(18, 4)
    ) as value_change
from running
