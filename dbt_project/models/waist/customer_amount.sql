-- grain: one row per amount that a customer was invoiced or bought for, in its own currency (test accounts left out)
-- What invoices say counts as the company's policies have it; credit notes and refunds are taken off on their own day.
with policy as (
    select * from {{ ref('counting_policy') }}
),

invoiced as (
    select
        vendor, system, party_object, party_ref, billed_on,
        cast(case when policy.invoice_discounts = 'deducted' then net_amount else amount end
            - case when policy.metered = 'excluded' then metered_amount else 0 end as decimal(18, 4)) as amount,
        currency
    from {{ ref('billed_amount') }}
    cross join policy
    union all
    select vendor, system, party_object, party_ref, credited_on as billed_on, cast(-amount as decimal(18, 4)) as amount, currency
    from {{ ref('billed_credit') }}
    cross join policy
    where case
        when kind = 'credit_note' then policy.credit_notes = 'deducted'
        else policy.refunds = 'deducted' and not (has_credit_note and policy.credit_notes = 'deducted')
    end
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
