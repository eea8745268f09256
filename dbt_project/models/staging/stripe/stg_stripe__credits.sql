-- grain: one row per credit note or refund, without the tax in it
-- Money that goes back for a charge goes back with the tax of its invoice, in the same proportion.
with

invoices as (select * from {{ ref('stg_stripe__invoices') }}),

notes as (
    select * from {{ accepted_records('stripe', 'credit_notes') }} as accepted
    where status = 'issued'
),

refunds as (
    select * from {{ accepted_records('stripe', 'refunds') }} as accepted
    where coalesce(lower(status), 'succeeded') = 'succeeded'
),

charges as (
    select * from {{ accepted_records(
        'stripe', 'charges', only='id in (select charge_id from refunds)'
    ) }} as accepted
),

stated as (
    select
        'credit_notes' as object, 'credit_note' as kind, id as source_ref, _batch_id as batch_id, _record as record,
        customer_id, invoice_id, created as credited_at,
        coalesce(total_excluding_tax, subtotal_excluding_tax, amount) as minor_amount,
        coalesce(total_excluding_tax, subtotal_excluding_tax) is not null as is_net,
        upper(currency) as currency, false as has_credit_note, coalesce(not livemode, false) as is_test
    from notes
    union all
    select
        'refunds', 'refund', refunds.id, refunds._batch_id, refunds._record, charges.customer_id, charges.invoice_id,
        refunds.created, refunds.amount, false, upper(refunds.currency),
        refunds.id in (select refund_id from notes where refund_id is not null),
        coalesce(not charges.livemode, false)
    from refunds
    left join charges on charges.id = refunds.charge_id
),

parties as (select object, source_ref from {{ ref('stg_stripe__parties') }}),

owned as (
    select
        stated.*,
        coalesce(stated.customer_id, invoices.customer_id) as billed_customer_id,
        invoices.subscription_id,
        not stated.is_net and invoices.total > 0 and invoices.total > invoices.net_amount as has_tax,
        invoices.total, invoices.net_amount
    from stated
    left join invoices on invoices.invoice_id = stated.invoice_id
    where not stated.is_test and not coalesce(invoices.is_test, false)
),

taken as (
    select
        object, kind, source_ref, batch_id, record, billed_customer_id as customer_id, subscription_id,
        coalesce(invoice_id, source_ref) as invoice_id, credited_at, currency, has_credit_note,
        case
            when has_tax then {{ rounded_share(
                minor_to_major('minor_amount', 'currency'), '1', 'greatest(net_amount, 0)', 'total', 'currency'
            ) }}
            else {{ minor_to_major('minor_amount', 'currency') }}
        end as amount
    from owned
),

offered as (
    select
        'stripe' as vendor, 'stripe' as system,
        taken.object, taken.source_ref, taken.batch_id, taken.record,
        {{ stripe_party('taken') }},
        {{ company_day('taken.credited_at') }} as credited_on, taken.credited_at,
        cast(taken.amount as decimal(18, 4)) as amount, taken.currency, taken.kind, taken.has_credit_note
    from taken
    left join parties on parties.source_ref = taken.customer_id
)

select * from offered
