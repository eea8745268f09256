-- grain: one row per interval of a revenue span whose source keeps no invoices, billed on the interval's first day
-- Days that only a grace period bridges bill nothing. A price that a discount changes goes on with the line's intervals.
with company as (
    select * from {{ ref('company') }}
),

uninvoiced as (
    select spans.*
    from {{ ref('paying_span') }} as spans
    anti join (select distinct vendor, system from {{ ref('billed_amount') }}) as invoicing
        on spans.vendor = invoicing.vendor
        and spans.system = invoicing.system
),

counted as (
    select
        uninvoiced.customer_id,
        uninvoiced.mover,
        uninvoiced.valid_from,
        uninvoiced.agreed_from,
        uninvoiced.billed_amount as amount,
        uninvoiced.currency,
        uninvoiced.interval,
        uninvoiced.interval_count,
        least(
            coalesce(uninvoiced.billed_to, date '9999-12-31'), {{ add_days('company.as_of_on', '1') }}
        ) as billed_before,
        case uninvoiced.interval
            when 'day' then 1 when 'week' then 7 when 'month' then 28 when 'quarter' then 89 else 365
        end * uninvoiced.interval_count as shortest_days
    from uninvoiced
    cross join company
    where uninvoiced.valid_from <= company.as_of_on
),

numbered as (
    select
        *,
        {{ each_number(whole_division(days_between('agreed_from', 'billed_before'), 'shortest_days')) }} as nth
    from counted
),

dated as (
    select
        customer_id,
        mover,
        case
            when interval = 'day' then {{ add_days('agreed_from', 'nth * interval_count') }}
            when interval = 'week' then {{ add_days('agreed_from', '7 * nth * interval_count') }}
            else {{ add_months(
                'agreed_from',
                "nth * interval_count * case interval when 'month' then 1 when 'quarter' then 3 else 12 end"
            ) }}
        end as billed_on,
        amount,
        currency,
        valid_from,
        billed_before
    from numbered
)

select customer_id, mover, billed_on, amount, currency
from dated
where valid_from <= billed_on
    and billed_on < billed_before
