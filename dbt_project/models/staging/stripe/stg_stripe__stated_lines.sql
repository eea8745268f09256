-- grain: one row per invoice line that bills, or once billed, a stretch of a subscription's service, as exported
with

lines as (select * from {{ accepted_records('stripe', 'invoice_line_items') }} as accepted),

-- The few invoices that bill nothing: matching these costs far less than matching every invoice.
unbilled as (
    select invoice_id, is_void and not is_test as is_void
    from {{ ref('stg_stripe__invoices') }}
    where not is_issued or is_test
),

service as (
    select
        lines.id as line_id,
        lines.subscription_id,
        lines.subscription_item_id as item_id,
        coalesce(lines.price_id, lines.subscription_item_id, lines.subscription_id) as price_id,
        lines.invoice_id,
        lines.proration as is_proration,
        coalesce(unbilled.is_void, false) as is_void,
        lines.amount as minor_amount,
        upper(lines.currency) as currency,
        coalesce(lines.quantity, 1) as quantity,
        lines.period_start as starts_at,
        lines.period_end as ends_at,
        lines._batch_id as batch_id,
        lines._record as record
    from lines
    left join unbilled on unbilled.invoice_id = lines.invoice_id
    where
        (lines.type = 'subscription' or lines.proration)
        and lines.subscription_id is not null
        and lines.period_start < lines.period_end
        and coalesce(unbilled.is_void, true)
)

select * from service
