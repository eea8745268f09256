-- grain: one row per finalized invoice, per line of an invoice that no export names where they name others, or per
-- payment of a customer whom neither bills
with

-- every version, refused ones and those that are gone included: an invoice that any export names is not lost
named_invoices as (select id as invoice_id from {{ source('stripe', 'invoices') }} as named),

invoices as (select * from {{ ref('stg_stripe__invoices') }} where is_issued and not is_test),

lost_invoices as (
    select distinct lines.invoice_id
    from {{ source('stripe', 'invoice_line_items') }} as lines
    anti join named_invoices on lines.invoice_id = named_invoices.invoice_id
    where (select count(*) from named_invoices) > 0
),

-- of the many lines, only the few that are needed compete for the newest version
lines as (
    select * from {{ accepted_records(
        'stripe', 'invoice_line_items', only='invoice_id in (select invoice_id from lost_invoices)'
    ) }} as accepted
),

invoiced_usage as (select * from {{ ref('stg_stripe__invoiced_usage') }}),

payments as (
    select * from {{ accepted_records('stripe', 'payments') }} as accepted
    where lower(status) in ('paid', 'succeeded', 'refunded', 'partially refunded', 'disputed')
        and coalesce(lower(mode), 'live') = 'live'
        and customer_id is not null
),

subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }}),

dashboard_subscriptions as (
    select subscriptions.id, subscriptions.customer_id
    from {{ accepted_records('stripe', 'dashboard_subscriptions') }} as subscriptions
    anti join {{ ref('stg_stripe__subscriptions') }} as known on subscriptions.id = known.subscription_id
),

parties as (select object, source_ref from {{ ref('stg_stripe__parties') }}),

invoiced as (
    select
        'invoices' as object, invoices.invoice_id as source_ref, batch_id, record, customer_id, subscription_id,
        invoices.invoice_id, billed_at, {{ minor_to_major('invoices.minor_amount', 'currency') }} as amount,
        {{ minor_to_major('net_amount', 'currency') }} as net_amount,
        {{ minor_to_major('coalesce(invoiced_usage.minor_amount, 0)', 'currency') }} as metered_amount, currency
    from invoices
    left join invoiced_usage on invoiced_usage.invoice_id = invoices.invoice_id
    union all
    select
        'invoice_line_items', id, _batch_id, _record, null, subscription_id, invoice_id, period_start,
        {{ minor_to_major('coalesce(amount_excluding_tax, amount)', 'upper(currency)') }},
        {{ minor_to_major('coalesce(amount_excluding_tax, amount)', 'upper(currency)') }},
        -- usage within it is not told apart
        cast(0 as decimal(18, 4)), upper(currency)
    from lines
),

-- who is billed where the invoice does not say: the customer of its subscription
owned as (
    select
        invoiced.object, invoiced.source_ref, invoiced.batch_id, invoiced.record,
        invoiced.subscription_id, invoiced.invoice_id,
        coalesce(invoiced.customer_id, subscriptions.customer_id, dashboard_subscriptions.customer_id) as customer_id,
        invoiced.billed_at, invoiced.amount, invoiced.net_amount, invoiced.metered_amount, invoiced.currency
    from invoiced
    left join subscriptions
        on invoiced.customer_id is null
        and subscriptions.subscription_id = invoiced.subscription_id
    left join dashboard_subscriptions
        on invoiced.customer_id is null
        and dashboard_subscriptions.id = invoiced.subscription_id
    where not coalesce(subscriptions.is_test, false)
),

billed as (
    select * from owned
    union all
    select
        'payments', payments.id, payments._batch_id, payments._record, null, null, payments.customer_id,
        payments.created, payments.amount, payments.amount, cast(0 as decimal(18, 4)), upper(payments.currency)
    from payments
    anti join owned on payments.customer_id = owned.customer_id
),

offered as (
    select
        'stripe' as vendor,
        'stripe' as system,
        billed.object, billed.source_ref, billed.batch_id, billed.record,
        {{ stripe_party('billed') }},
        {{ company_day('billed.billed_at') }} as billed_on, billed.billed_at,
        billed.amount, billed.net_amount, billed.metered_amount, billed.currency
    from billed
    left join parties on parties.source_ref = billed.customer_id
)

select * from offered
