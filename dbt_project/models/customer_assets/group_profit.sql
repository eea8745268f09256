-- grain: one row per period and segment (and `all`)
with profits as (
    select
        periods.period_kind,
        periods.period_start,
        case when grouping(profits.segment) = 1 then 'all' else profits.segment end as segment,
        cast(sum(profits.revenue) as decimal(18, 4)) as revenue,
        -- what is missing of one month or segment is missing of all of them
        case when count(profits.direct_cost) = count(*) then cast(sum(profits.direct_cost) as decimal(18, 4)) end
            as direct_cost,
        case when count(profits.tickets) = count(*) then cast(sum(profits.tickets) as bigint) end as tickets,
        case when count(profits.cost_to_serve) = count(*) then cast(sum(profits.cost_to_serve) as decimal(18, 4)) end
            as cost_to_serve,
        bool_or(profits.is_cost_allocated) as is_cost_allocated
    from {{ ref('monthly_profit') }} as profits
    inner join {{ ref('calendar') }} as periods
        on profits.month_start >= periods.period_start
        and profits.month_start < periods.next_period_start
    group by grouping sets (
        (periods.period_kind, periods.period_start, profits.segment), (periods.period_kind, periods.period_start)
    )
),

customers as (
    select
        periods.period_kind,
        periods.period_start,
        periods.is_provisional,
        months.segment,
        count(*) as months,
        cast(sum(months.opening_customers + months.closing_customers) * cast(0.5 as decimal(2, 1)) as decimal(18, 4))
            as customer_months
    from {{ ref('period_bridge') }} as months
    inner join {{ ref('calendar') }} as periods
        on months.period_start >= periods.period_start
        and months.period_start < periods.next_period_start
    where months.period_kind = 'month'
        and months.value_basis = 'mrr'
    group by periods.period_kind, periods.period_start, periods.is_provisional, months.segment
),

judged as (
    select
        customers.*,
        profits.revenue, profits.direct_cost, profits.tickets, profits.cost_to_serve, profits.is_cost_allocated,
        cast(profits.revenue - profits.direct_cost as decimal(18, 4)) as gross_profit,
        cast(profits.revenue - profits.direct_cost - profits.cost_to_serve as decimal(18, 4)) as contribution,
        customers.customer_months < company.minimum_cell_size * customers.months as is_small_cell,
        case
            when customers.customer_months >= company.minimum_cell_size * customers.months and profits.revenue > 0
                then profits.revenue
        end as base,
        company.reporting_currency as currency
    from customers
    cross join {{ ref('company') }} as company
    inner join profits
        on customers.period_kind = profits.period_kind
        and customers.period_start = profits.period_start
        and customers.segment = profits.segment
)

select
    period_kind, period_start, segment, currency, customer_months,
    revenue, direct_cost, gross_profit, tickets, cost_to_serve, contribution,
    {{ ratio('gross_profit', 'base') }} as gross_margin,
    {{ ratio('contribution', 'base') }} as contribution_margin,
    is_cost_allocated,
    nullif(concat_ws(
        ', ',
        case when direct_cost is null then 'cost_rate direct_share' end,
        case when tickets is null then 'tickets' when cost_to_serve is null then 'cost_rate ticket' end
    ), '') as missing_source,
    is_small_cell,
    1 as definition_version,
    is_provisional
from judged
