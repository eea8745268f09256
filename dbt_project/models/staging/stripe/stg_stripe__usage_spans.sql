-- grain: one row per item, currency and days on which it was used, with what that was billed after them
with

lines as (select * from {{ ref('stg_stripe__service_lines') }} where not is_void),

terms as (select * from {{ ref('stg_stripe__price_terms') }} where is_metered),

subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }} where not is_test),

used as (
    select
        'invoice_line_items' as object,
        min(lines.line_id) as source_ref,
        min_by(lines.batch_id, lines.line_id) as batch_id,
        min_by(lines.record, lines.line_id) as record,
        lines.subscription_id,
        lines.item_id as line_ref,
        lines.starts_at,
        max(lines.ends_at) as ends_at,
        cast(sum({{ without_tax('lines.minor_amount', 'lines.net_share') }}) as bigint) as minor_amount,
        lines.currency,
        min(terms.interval) as interval,
        min(terms.interval_count) as interval_count
    from lines
    inner join terms on terms.price_id = lines.price_id
    group by lines.subscription_id, lines.item_id, lines.starts_at, lines.currency
),

spans as (
    select
        used.object, used.source_ref, used.batch_id, used.record, subscriptions.customer_id, used.subscription_id,
        -- an item may have been billed at an agreed price before
        used.line_ref || ' used' as line_ref,
        used.starts_at,
        least(used.ends_at, lead(used.starts_at) over (
            partition by used.subscription_id, used.line_ref, used.currency order by used.starts_at
        )) as ends_at,
        {{ minor_to_major('used.minor_amount', 'used.currency') }} as amount,
        used.currency, used.interval, used.interval_count, false as is_provisional,
        cast(null as timestamp) as trial_ends_at, cast(null as timestamp) as canceled_at, cast(null as string) as cancel_reason
    from used
    inner join subscriptions on subscriptions.subscription_id = used.subscription_id
)

select * from spans
