-- grain: one row per finalized invoice, per line of an invoice that no export holds where they hold others, or per payment
-- of a customer without any invoice in the exports
with

all_invoices as (select * from {{ ref('stg_stripe__invoices') }}),

invoices as (select * from all_invoices where is_issued and not is_test),

unknown_invoices as (
    select distinct lines.invoice_id
    from {{ checked_records('stripe', 'invoice_line_items') }} as lines
    anti join all_invoices on lines.invoice_id = all_invoices.invoice_id
    where lines.invoice_id is not null
        and (select count(*) from all_invoices) > 0
),

-- of the many lines, only the few that are needed compete for the newest version
lines as (
    select * from {{ accepted_records(
        'stripe', 'invoice_line_items', only='invoice_id in (select invoice_id from unknown_invoices)'
    ) }} as accepted
),

payments as (
    select * from {{ accepted_records('stripe', 'payments') }} as accepted
    where lower(status) in ('paid', 'succeeded', 'refunded', 'partially refunded', 'disputed')
        and coalesce(lower(mode), 'live') = 'live'
        and customer_id is not null
        and customer_id not in (select customer_id from invoices where customer_id is not null)
),

subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }}),

parties as (select object, source_ref from {{ ref('stg_stripe__parties') }}),

amounts as (
    select
        'invoices' as object, invoice_id as source_ref, batch_id, record, customer_id, subscription_id, invoice_id, billed_at,
        {{ minor_to_major('minor_amount', 'currency') }} as amount, currency
    from invoices
    union all
    select
        'invoice_line_items', id, _batch_id, _record, null, subscription_id, invoice_id, period_start,
        {{ minor_to_major('amount', 'upper(currency)') }}, upper(currency)
    from lines
    union all
    select 'payments', id, _batch_id, _record, customer_id, null, null, created, amount, upper(currency)
    from payments
),

-- who is billed where the invoice does not say: the customer of its subscription
billed as (
    select
        amounts.object, amounts.source_ref, amounts.batch_id, amounts.record, amounts.subscription_id, amounts.invoice_id,
        coalesce(amounts.customer_id, subscriptions.customer_id) as customer_id,
        amounts.billed_at, amounts.amount, amounts.currency
    from amounts
    left join subscriptions
        on amounts.customer_id is null
        and subscriptions.subscription_id = amounts.subscription_id
    where not coalesce(subscriptions.is_test, false)
),

offered as (
    select
        'stripe' as vendor,
        'stripe' as system,
        billed.object, billed.source_ref, billed.batch_id, billed.record,
        {{ stripe_party('billed') }},
        {{ company_day('billed.billed_at') }} as billed_on,
        billed.amount,
        billed.currency
    from billed
    left join parties on parties.source_ref = billed.customer_id
)

select * from offered
