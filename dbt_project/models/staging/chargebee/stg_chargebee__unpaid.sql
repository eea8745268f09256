-- grain: one row per subscription with the moment since which no invoice of it was paid
with unpaid_once as (
    select distinct subscription_id from {{ source('chargebee', 'invoices') }} as named
    where status in ('payment_due', 'not_paid')
),

invoices as (
    select _system as system, subscription_id, status, total, coalesce(invoiced_at, generated_at) as billed_at
    from {{ newest_of(
        source('chargebee', 'invoices'), 'chargebee', 'invoices', ['id'], 'updated_at',
        only='subscription_id in (select subscription_id from unpaid_once)'
    ) }}
    where not coalesce(deleted, false)
        and total > 0
),

paid as (
    select system, subscription_id, max(billed_at) as paid_at from invoices
    where status = 'paid'
    group by system, subscription_id
)

select invoices.system, invoices.subscription_id, min(invoices.billed_at) as unpaid_at
from invoices
left join paid
    on invoices.system = paid.system
    and invoices.subscription_id = paid.subscription_id
where invoices.status in ('payment_due', 'not_paid')
    and (paid.paid_at is null or paid.paid_at < invoices.billed_at)
group by invoices.system, invoices.subscription_id
