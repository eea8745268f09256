-- grain: one row per purchase
with purchases as (
    select * from {{ accepted_records('plain', 'purchases') }}
),

offered as (
    select
        'plain' as vendor, _system as system, 'purchases' as object, purchase_ref as source_ref,
        _batch_id as batch_id, _record as record,
        'customers' as party_object, customer_ref as party_ref,
        purchased_on, amount, currency
    from purchases
)

select * from offered
