-- grain: one row per subscription that is past due, or ended so, with the moment since which no invoice of it was paid
with

unpaid_once as (
    select distinct subscription_id from {{ source('stripe', 'invoices') }} as named
    where status in ('open', 'uncollectible')
),

-- of the many invoices, only those of few subscriptions compete for the newest version
invoices as (
    select subscription_id, status, coalesce(finalized_at, created) as billed_at, total
    from {{ accepted_records(
        'stripe', 'invoices', only='subscription_id in (select subscription_id from unpaid_once)'
    ) }} as accepted
),

subscriptions as (
    select * from {{ ref('stg_stripe__subscriptions') }}
    where status in ('past_due', 'unpaid', 'canceled')
),

paid as (
    select subscription_id, max(billed_at) as paid_at from invoices
    where status = 'paid' and total > 0
    group by subscription_id
),

unpaid as (
    select invoices.subscription_id, min(invoices.billed_at) as unpaid_at
    from invoices
    inner join subscriptions on subscriptions.subscription_id = invoices.subscription_id
    left join paid on paid.subscription_id = invoices.subscription_id
    where invoices.status in ('open', 'uncollectible')
        and invoices.total > 0
        and (paid.paid_at is null or paid.paid_at < invoices.billed_at)
    group by invoices.subscription_id
)

select * from unpaid
