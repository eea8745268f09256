-- grain: one row per customer metric that silos' metrics may be linked to and month that has ended: whom it touched, how it moved
with months as (
    select period_start as month_start, new_customers, lost_customers, net_customers, lost_value, contraction_value
    from {{ ref('period_bridge') }}
    where period_kind = 'month' and segment = 'all' and value_basis = 'annualised' and not is_provisional
),

asked as (
    select month_start, cast(sum(tickets) as bigint) as tickets from {{ ref('ticket_cost') }}
    group by month_start
),

handed_over as (
    select
        {{ month_of('closed_on') }} as month_start,
        customer_id,
        bool_or(outcome = 'open') as is_open,
        min_by(yearly_value, closed_on) filter (where is_lost) as lost_value
    from {{ ref('stage_handoff') }}
    group by {{ month_of('closed_on') }}, customer_id
),

handoffs as (
    select
        month_start, bool_or(is_open) as is_open, cast(count(lost_value) as bigint) as customers,
        cast(coalesce(sum(lost_value), 0) as decimal(18, 4)) as value
    from handed_over
    group by month_start
),

moved as (
    select
        {{ month_of('moved_on') }} as month_start, movement, cast(count(distinct customer_id) as bigint) as customers,
        cast(sum(case
            when movement = 'lost' then {{ yearly_value('annualised_value', 'trailing_12m_value') }}
            else annualised_value
        end) as decimal(18, 4)) as value
    from {{ ref('movement') }}
    where movement = 'lost' or (movement = 'contraction' and annualised_value > 0)
    group by {{ month_of('moved_on') }}, movement
),

-- a month without tickets or handoffs had none only from the first one on; of one with open handoffs nobody knows yet
valued as (
    select
        metrics.customer_metric, metrics.worse, months.month_start,
        cast(case metrics.customer_metric
            when 'new_customers' then months.new_customers
            when 'lost_customers' then months.lost_customers
            when 'net_customers' then months.net_customers
            when 'lost_value' then months.lost_value
            when 'contraction_value' then months.contraction_value
            when 'tickets' then case
                when months.month_start >= (select min(month_start) from asked) then coalesce(asked.tickets, 0) end
            when 'handoff_loss_customers' then case
                when months.month_start >= (select min(month_start) from handoffs) and not coalesce(handoffs.is_open, false)
                    then coalesce(handoffs.customers, 0) end
        end as decimal(18, 4)) as value,
        handoffs.customers as handed_customers, handoffs.value as handed_value
    from months
    cross join (values
        {%- for name, _, worse in customer_metrics() %}
        ('{{ name }}', '{{ worse }}'){{ ',' if not loop.last }}
        {%- endfor %}) as metrics (customer_metric, worse)
    left join asked on months.month_start = asked.month_start
    left join handoffs on months.month_start = handoffs.month_start
),

touched as (
    select
        valued.customer_metric, valued.worse, valued.month_start, valued.value,
        case
            when customer_metric = 'handoff_loss_customers' then coalesce(handed_customers, 0)
            when customer_metric not in ('new_customers', 'tickets') then coalesce(moved.customers, 0)
        end as affected_customers,
        case
            when customer_metric = 'handoff_loss_customers' then coalesce(handed_value, 0)
            when customer_metric not in ('new_customers', 'tickets') then coalesce(moved.value, 0)
        end as affected_value
    from valued
    left join moved
        on valued.month_start = moved.month_start
        and case valued.customer_metric when 'contraction_value' then 'contraction' else 'lost' end = moved.movement
    where valued.value is not null
)

select
    customer_metric, month_start, value, affected_customers, affected_value,
    cast(
        case worse when 'up' then 1 else -1 end * (value - lag(value) over (partition by customer_metric order by month_start))
        as decimal(18, 4)
    ) as worsening
from touched
