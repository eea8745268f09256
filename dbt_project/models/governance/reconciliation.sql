-- grain: one row per total of a month that a source prints itself
-- Money is compared in the currency that it is printed in. Beside ours is what it would be if one policy were another.
with stated as (
    select
        vendor, coalesce(system, vendor) as system, control, period_start, coalesce(currency, '') as currency,
        {{ add_months('period_start', '1') }} as next_period_start,
        cast(amount as decimal(18, 4)) as theirs
    from {{ source('reference', 'control_total') }}
),

spans as (
    select
        *,
        {{ value_of('list_amount', 'cast(1 as decimal(18, 8))', 'interval', 'interval_count', 'mrr', 'currency') }} as list_mrr
    from {{ ref('revenue_span') }}
),

facts as (
    select
        vendor, system, 'mrr' as control, currency, valid_from as from_day, valid_to as until_day, customer_id,
        monthly_amount as amount, list_mrr as undiscounted, 0 as credited
    from spans
    union all
    select vendor, system, 'subscribers', '', valid_from, valid_to, customer_id, 0, 0, 0 from spans
    union all
    select vendor, system, 'invoiced', currency, billed_on, billed_on, null, net_amount, amount, 0
    from {{ ref('billed_amount') }}
    union all
    select vendor, system, 'invoiced', currency, credited_on, credited_on, null, 0, 0, amount
    from {{ ref('billed_credit') }}
    where kind = 'credit_note'
    union all
    select vendor, system, 'tickets', '', {{ company_day('opened_at') }}, {{ company_day('opened_at') }}, null, 1, 1, 0
    from {{ ref('ticket') }}
),

-- a contract counts that is there at the month's last instant, an event that lies in the month
summed as (
    select
        stated.vendor, stated.system, stated.control, stated.period_start, stated.next_period_start, stated.currency,
        stated.theirs,
        case when stated.control = 'subscribers' then count(distinct facts.customer_id) else coalesce(sum(facts.amount), 0) end as ours,
        coalesce(sum(facts.undiscounted), 0) as undiscounted,
        coalesce(sum(facts.credited), 0) as credited
    from stated
    left join facts
        on stated.vendor = facts.vendor and stated.system = facts.system and stated.control = facts.control
        and stated.currency = facts.currency and facts.from_day < stated.next_period_start
        and case
            when stated.control in ('mrr', 'subscribers') then coalesce(facts.until_day >= stated.next_period_start, true)
            else facts.from_day >= stated.period_start
        end
    group by
        stated.vendor, stated.system, stated.control, stated.period_start, stated.next_period_start, stated.currency, stated.theirs
),

compared as (
    select
        summed.*,
        case
            when summed.system not in (select system from {{ ref('batches') }} where status = 'accepted')
                then 'no export came from it'
            when company.as_of_on < {{ add_days('summed.next_period_start', '-1') }} then 'the month is not over'
        end as missing_source,
        case
            when abs(ours - theirs) < 0.01 or summed.control not in ('mrr', 'invoiced') then null
            when abs(undiscounted - theirs) < 0.01
                then case control when 'mrr' then 'recurring_discounts' else 'invoice_discounts' end
            when abs(ours - credited - theirs) < 0.01 then 'credit_notes'
        end as explained_by
    from summed
    cross join {{ ref('company') }} as company
),

told as (
    select
        vendor, system, control, period_start, nullif(currency, '') as currency, theirs,
        cast(case when missing_source is null then ours end as decimal(18, 4)) as ours,
        cast(case when missing_source is null then ours - theirs end as decimal(18, 4)) as control_difference,
        case when missing_source is null then explained_by end as explained_by,
        cast(case
            when missing_source is not null then null
            when explained_by is null then ours - theirs
            else 0
        end as decimal(18, 4)) as unexplained_difference,
        missing_source
    from compared
)

select * from told
