-- grain: one row per invoice, item, service period and sign whose price has no single unit amount
-- A graduated price is invoiced with one line per tier: only their sum is the price of the item.
with

lines as (select * from {{ ref('stg_stripe__service_lines') }}),

terms as (select * from {{ ref('stg_stripe__price_terms') }} where minor_unit_amount is null and not is_metered),

summed as (
    select
        min(lines.line_id) as line_id,
        lines.subscription_id,
        lines.item_id,
        lines.price_id,
        lines.is_proration,
        cast(sum(lines.minor_amount) as bigint) as minor_amount,
        max_by(lines.net_share, abs(lines.minor_amount)) as net_share,
        lines.currency,
        cast(sum(lines.quantity) as bigint) as quantity,
        lines.starts_at,
        lines.ends_at,
        min_by(lines.batch_id, lines.line_id) as batch_id,
        min_by(lines.record, lines.line_id) as record
    from lines
    inner join terms on terms.price_id = lines.price_id
    where not lines.is_void
    group by
        lines.invoice_id, lines.subscription_id, lines.item_id, lines.price_id, lines.is_proration, lines.currency,
        lines.starts_at, lines.ends_at, lines.minor_amount < 0
)

select * from summed
