-- grain: one row per subscription item and period whose invoice was voided while nothing else was billed for it
with

lines as (select * from {{ ref('stg_stripe__service_lines') }}),

subscriptions as (
    select * from {{ ref('stg_stripe__subscriptions') }}
    where not is_test and coalesce(status, '') not in ('incomplete', 'incomplete_expired')
),

terms as (select * from {{ ref('stg_stripe__price_terms') }} where not is_metered),

-- tiers have a line each
voided as (
    select
        invoice_id, subscription_id, item_id, min(price_id) as price_id, min(line_id) as line_id,
        min_by(batch_id, line_id) as batch_id, min_by(record, line_id) as record,
        cast(sum({{ without_tax('minor_amount', 'net_share') }}) as bigint) as minor_amount, currency, starts_at, ends_at
    from lines
    where is_void and not is_proration
    group by invoice_id, subscription_id, item_id, currency, starts_at, ends_at
),

-- an invoice that was voided and made out again is no pause
billed_anew as (
    select distinct voided.line_id
    from voided
    inner join lines
        on lines.item_id = voided.item_id
        and lines.starts_at < voided.ends_at
        and voided.starts_at < lines.ends_at
    where not lines.is_void and lines.minor_amount > 0
),

resting as (
    select voided.* from voided
    anti join billed_anew on billed_anew.line_id = voided.line_id
    qualify row_number() over (partition by subscription_id, item_id, starts_at order by ends_at desc, invoice_id desc) = 1
),

spans as (
    select
        'invoice_line_items' as object, resting.line_id as source_ref, resting.batch_id, resting.record,
        subscriptions.customer_id, resting.subscription_id,
        resting.item_id || ' paused' as line_ref,
        resting.starts_at,
        least(resting.ends_at, subscriptions.stops_at) as ends_at,
        {{ minor_to_major('resting.minor_amount', 'resting.currency') }} as amount,
        resting.currency, terms.interval, terms.interval_count, terms.is_inferred as is_provisional,
        cast(null as timestamp) as trial_ends_at, cast(null as timestamp) as canceled_at, cast(null as string) as cancel_reason
    from resting
    inner join subscriptions on subscriptions.subscription_id = resting.subscription_id
    inner join terms on terms.price_id = resting.price_id
    where resting.starts_at >= subscriptions.pays_from
)

select * from spans
where starts_at < ends_at
