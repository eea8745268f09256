-- grain: one row per customer, line and days at an unchanged price, [valid_from, valid_to); valid_to null: open
-- A gap of at most grace_days within a line is bridged at the earlier price. Trials, free plans and test accounts make
-- none.
with company as (
    select * from {{ ref('company') }}
),

lines as (
    select
        parties.customer_id,
        lines.*,
        coalesce(lines.interval_count, 1) as intervals
    from {{ ref('recurring_line') }} as lines
    inner join {{ ref('party') }} as parties
        on lines.vendor = parties.vendor
        and lines.system = parties.system
        and lines.party_object = parties.object
        and lines.party_ref = parties.source_ref
    where not coalesce(lines.is_trial, false)
        and lines.amount <> 0
        and not parties.is_test
        and (lines.ends_on is null or lines.starts_on < lines.ends_on)
),

followed as (
    select
        *,
        lead(starts_on) over (
            partition by vendor, system, customer_id, line_ref order by starts_on, source_ref
        ) as next_starts_on
    from lines
),

spans as (
    select
        customer_id,
        line_ref,
        starts_on as valid_from,
        case
            when ends_on < next_starts_on and next_starts_on <= {{ add_days('ends_on', 'company.grace_days') }}
                then next_starts_on
            else ends_on
        end as valid_to,
        ends_on as billed_to,
        amount,
        -- an amount whose source names no currency is read in the reporting one, provisionally
        coalesce(followed.currency, company.reporting_currency) as currency,
        interval,
        cast(intervals as integer) as interval_count,
        {{ value_of(
            'amount', 'cast(1 as decimal(18, 8))', 'interval', 'intervals', 'mrr',
            'coalesce(followed.currency, company.reporting_currency)'
        ) }} as monthly_amount,
        vendor, system, object, source_ref, batch_id, record,
        coalesce(is_provisional, false) or followed.currency is null as is_provisional
    from followed
    cross join company
)

select * from spans
