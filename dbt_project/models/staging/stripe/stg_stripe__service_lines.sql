-- grain: one row per invoice line that bills, or once billed, a stretch of a subscription item's service
with

lines as (select * from {{ ref('stg_stripe__stated_lines') }}),

unnamed_items as (select * from {{ ref('stg_stripe__unnamed_items') }}),

service as (
    select
        lines.line_id,
        lines.subscription_id,
        coalesce(lines.item_id, unnamed_items.item_id) as item_id,
        lines.price_id,
        lines.invoice_id,
        lines.is_proration,
        lines.is_void,
        lines.minor_amount,
        lines.net_share,
        lines.currency,
        lines.quantity,
        lines.starts_at,
        lines.ends_at,
        lines.batch_id,
        lines.record
    from lines
    left join unnamed_items
        on lines.item_id is null
        and unnamed_items.subscription_id = lines.subscription_id
        and unnamed_items.price_id = lines.price_id
)

select * from service
