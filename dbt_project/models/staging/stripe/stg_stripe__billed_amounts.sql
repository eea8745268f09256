-- grain: one row per finalized invoice, or per payment of a customer without any invoice in the exports
with

invoices as (select * from {{ ref('stg_stripe__invoices') }} where is_issued and not is_test),

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
        'invoices' as object, invoice_id as source_ref, batch_id, record, customer_id, billed_at,
        {{ minor_to_major('minor_amount', 'currency') }} as amount, currency
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
