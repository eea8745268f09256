-- grain: one row per month and segment with support cases of customers: their number and what they cost by the rate of the
-- day on which each was opened
with asked as (
    select
        parties.customer_id,
        parties.mover,
        {{ company_day('tickets.opened_at') }} as opened_on
    from {{ ref('ticket') }} as tickets
    inner join {{ ref('party') }} as parties
        on tickets.vendor = parties.vendor
        and tickets.system = parties.system
        and tickets.party_object = parties.object
        and tickets.party_ref = parties.source_ref
),

opened as (
    select coalesce(stays.customer_id, asked.customer_id) as customer_id, asked.opened_on
    from asked
    {{ join_stays('asked.mover', 'asked.opened_on') }}
),

daily as (
    select
        opened.opened_on,
        coalesce(held.segment, 'unsegmented') as segment,
        count(*) as tickets
    from opened
    semi join (select distinct customer_id from {{ ref('movement') }}) as customers
        on opened.customer_id = customers.customer_id
    {{ join_segment('opened.customer_id', 'opened.opened_on') }}
    where opened.opened_on <= (select as_of_on from {{ ref('company') }})
    group by opened.opened_on, coalesce(held.segment, 'unsegmented')
),

priced as (
    select
        {{ month_of('daily.opened_on') }} as month_start,
        daily.segment,
        daily.tickets,
        rates.is_for_all,
        {{ rounded_share('rates.amount', '1', '1', '1', 'company.reporting_currency') }} as one_costs
    from daily
    cross join {{ ref('company') }} as company
    left join {{ ref('held_cost_rate') }} as rates
        on rates.cost = 'ticket'
        and daily.segment = rates.segment
        and rates.valid_from <= daily.opened_on
        and (rates.valid_to is null or daily.opened_on < rates.valid_to)
),

monthly as (
    select
        month_start,
        segment,
        cast(sum(tickets) as bigint) as tickets,
        case when count(one_costs) = count(*) then cast(sum(
            cast(one_costs * cast(tickets as decimal(18, 0)) as decimal(18, 4))
        ) as decimal(18, 4)) end as cost,
        bool_or(is_for_all) as is_for_all
    from priced
    group by month_start, segment
)

select * from monthly
