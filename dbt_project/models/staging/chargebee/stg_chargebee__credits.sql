-- grain: one row per credit note that was not voided, without the tax in it
with notes as (
    select * from {{ newest_of(
        source('chargebee', 'credit_notes'), 'chargebee', 'credit_notes', ['id'], 'updated_at'
    ) }}
    where not coalesce(deleted, false)
        and status <> 'voided'
),

subscriptions as (
    select system, subscription_id, customer_id from {{ ref('stg_chargebee__subscriptions') }}
),

offered as (
    select
        'chargebee' as vendor, notes._system as system, 'credit_notes' as object, notes.id as source_ref,
        notes._batch_id as batch_id, notes._record as record,
        case
            when coalesce(notes.customer_id, subscriptions.customer_id) is not null then 'customers'
            when notes.subscription_id is not null then 'subscriptions'
            else 'invoices'
        end as party_object,
        coalesce(
            notes.customer_id, subscriptions.customer_id, notes.subscription_id, notes.reference_invoice_id, notes.id
        ) as party_ref,
        {{ company_day('notes.credited_at') }} as credited_on, notes.credited_at,
        {{ minor_to_major('notes.total - coalesce(notes.tax, 0)', 'notes.currency_code') }} as amount,
        notes.currency_code as currency, 'credit_note' as kind, false as has_credit_note
    from notes
    left join subscriptions
        on notes._system = subscriptions.system
        and notes.subscription_id = subscriptions.subscription_id
)

select * from offered
