-- grain: one row per month of the calendar and segment, with what its customers brought and cost
-- Where nothing was earned there is no direct cost, and where nobody asked for help none of serving, whatever the rates.
with supported as (
    select count(*) > 0 as has_tickets from {{ ref('ticket') }}
),

costed as (
    select
        revenue.month_start,
        revenue.next_month_start,
        revenue.segment,
        revenue.revenue,
        case
            when revenue.revenue = 0 then cast(0 as decimal(18, 4))
            else {{ rounded_share('revenue.revenue', 'shares.amount', '1', '1', 'company.reporting_currency') }}
        end as direct_cost,
        case when supported.has_tickets then coalesce(tickets.tickets, 0) end as tickets,
        case
            when supported.has_tickets and tickets.segment is null then cast(0 as decimal(18, 4))
            when supported.has_tickets then tickets.cost
        end as cost_to_serve,
        coalesce(revenue.revenue <> 0 and shares.is_for_all, false) or coalesce(tickets.is_for_all, false)
            as is_cost_allocated
    from {{ ref('monthly_revenue') }} as revenue
    cross join {{ ref('company') }} as company
    cross join supported
    left join {{ ref('held_cost_rate') }} as shares
        on shares.cost = 'direct_share'
        and revenue.segment = shares.segment
        and shares.valid_from <= revenue.month_start
        and (shares.valid_to is null or revenue.month_start < shares.valid_to)
    left join {{ ref('ticket_cost') }} as tickets
        on revenue.month_start = tickets.month_start
        and revenue.segment = tickets.segment
)

select * from costed
