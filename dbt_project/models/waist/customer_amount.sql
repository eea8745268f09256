-- grain: one row per amount that a customer was invoiced or bought for, in its own currency (test accounts left out)
with invoiced as (
    select vendor, system, party_object, party_ref, billed_on, amount, currency from {{ ref('billed_amount') }}
    union all
    select vendor, system, party_object, party_ref, purchased_on as billed_on, amount, currency
    from {{ ref('purchase') }}
),

amounts as (
    select
        parties.customer_id, parties.mover, invoiced.billed_on, invoiced.amount,
        coalesce(invoiced.currency, (select reporting_currency from {{ ref('company') }})) as currency
    from invoiced
    inner join {{ ref('party') }} as parties
        on invoiced.vendor = parties.vendor
        and invoiced.system = parties.system
        and invoiced.party_object = parties.object
        and invoiced.party_ref = parties.source_ref
    where not parties.is_test
)

select * from amounts
