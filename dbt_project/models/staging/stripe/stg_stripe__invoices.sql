-- grain: one row per invoice
with

invoices as (select * from {{ accepted_records('stripe', 'invoices') }} as accepted),

stated as (
    select
        id as invoice_id,
        customer_id,
        subscription_id,
        status,
        status in ('open', 'paid', 'uncollectible') as is_issued,
        status = 'void' as is_void,
        coalesce(not livemode, false) as is_test,
        -- the sum of the lines, before discounts and tax
        coalesce(subtotal, total - coalesce(tax, 0)) as minor_amount,
        -- and after both
        total - coalesce(tax, 0) as net_amount,
        total,
        upper(currency) as currency,
        coalesce(finalized_at, created) as billed_at,
        _batch_id as batch_id,
        _record as record
    from invoices
)

select * from stated
