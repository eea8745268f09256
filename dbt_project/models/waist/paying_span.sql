-- grain: one row per customer, line and days at an unchanged price, [valid_from, valid_to); valid_to null: open
-- The customer is that of the as-of day; whose the days before are is told by the span's `mover`.
-- A gap of at most grace_days within a line is bridged at the earlier price. Test accounts make none, nor does what the
-- company's policies do not count.
with company as (
    select * from {{ ref('company') }}
),

lines as (
    select
        parties.customer_id,
        parties.mover,
        lines.*,
        cast(coalesce(lines.interval_count, 1) as integer) as intervals,
        -- an amount whose source names no currency is read in the reporting one, provisionally
        coalesce(lines.currency, company.reporting_currency) as price_currency
    from {{ ref('counted_line') }} as lines
    inner join {{ ref('party') }} as parties
        on lines.vendor = parties.vendor
        and lines.system = parties.system
        and lines.party_object = parties.object
        and lines.party_ref = parties.source_ref
    cross join company
    where not parties.is_test
),

followed as (
    select
        *,
        lead(starts_on) over (
            partition by vendor, system, customer_id, line_ref order by starts_on, source_ref
        ) as next_starts_on
    from lines
),

-- a price is reckoned once for all the lines that have it
prices as (
    select
        amount,
        price_currency,
        interval,
        intervals,
        {{ value_of(
            'amount', 'cast(1 as decimal(18, 8))', 'interval', 'intervals', 'mrr', 'price_currency'
        ) }} as monthly_amount
    from (select distinct amount, price_currency, interval, intervals from lines) as distinct_prices
),

spans as (
    select
        followed.customer_id,
        followed.mover,
        followed.line_ref,
        followed.agreement_ref,
        followed.starts_on as valid_from,
        case
            when followed.ends_on < followed.next_starts_on
                and followed.next_starts_on <= {{ add_days('followed.ends_on', 'company.grace_days') }}
                then followed.next_starts_on
            else followed.ends_on
        end as valid_to,
        followed.ends_on as billed_to,
        followed.agreed_from,
        followed.counted_to,
        followed.amount,
        followed.list_amount,
        followed.discount_amount,
        followed.billed_amount,
        followed.is_billed,
        followed.price_currency as currency,
        followed.interval,
        followed.intervals as interval_count,
        prices.monthly_amount,
        followed.vendor, followed.system, followed.object, followed.source_ref, followed.batch_id, followed.record,
        coalesce(followed.is_provisional, false) or followed.currency is null as is_provisional
    from followed
    inner join prices
        on followed.amount = prices.amount
        and followed.price_currency = prices.price_currency
        and followed.interval = prices.interval
        and followed.intervals = prices.intervals
    cross join company
)

select * from spans
