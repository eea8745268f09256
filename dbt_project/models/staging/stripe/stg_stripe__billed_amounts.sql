-- grain: one row per finalized invoice, or per payment of a customer without any invoice in the exports
with

invoices as (
    select * from {{ accepted_records('stripe', 'invoices') }} as accepted
    where status in ('open', 'paid', 'uncollectible') and coalesce(livemode, true)
),

payments as (
    select * from {{ accepted_records('stripe', 'payments') }} as accepted
    where lower(status) in ('paid', 'succeeded', 'refunded', 'partially refunded', 'disputed')
        and coalesce(lower(mode), 'live') = 'live'
        and customer_id is not null
        and customer_id not in (select customer_id from invoices)
),

parties as (select object, source_ref from {{ ref('stg_stripe__parties') }}),

amounts as (
    select
        'invoices' as object, id as source_ref, _batch_id as batch_id, _record as record, customer_id,
        coalesce(finalized_at, created) as billed_at,
        -- the sum of the lines, before discounts and tax
        {{ minor_to_major('coalesce(subtotal, total - coalesce(tax, 0))', 'upper(currency)') }} as amount,
        upper(currency) as currency
    from invoices
    union all
    select 'payments', id, _batch_id, _record, customer_id, created, amount, upper(currency)
    from payments
),

offered as (
    select
        'stripe' as vendor,
        'stripe' as system,
        amounts.object, amounts.source_ref, amounts.batch_id, amounts.record,
        coalesce(parties.object, 'customers') as party_object,
        amounts.customer_id as party_ref,
        {{ company_day('amounts.billed_at') }} as billed_on,
        amounts.amount,
        amounts.currency
    from amounts
    left join parties on parties.source_ref = amounts.customer_id
)

select * from offered
