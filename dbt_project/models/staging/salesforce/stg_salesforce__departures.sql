-- grain: one row per opportunity lost with a customer: a renewal, or any other that gives a loss reason
with lost as (
    select * from {{ ref('stg_salesforce__opportunities') }}
    where is_closed
        and not is_won
        and account_id is not null
        -- a lost prospect never was a customer, whatever the reason
        and coalesce(lower(type), '') not like 'new%'
        and (is_renewal or loss_reason is not null)
),

offered as (
    select
        'salesforce' as vendor, system, 'opportunities' as object, opportunity_id as source_ref, batch_id, record,
        'accounts' as party_object, account_id as party_ref, cast(null as string) as agreement_ref,
        closes_on as departed_on, 'salesforce' as silo, loss_reason as reason_code
    from lost
)

select * from offered
