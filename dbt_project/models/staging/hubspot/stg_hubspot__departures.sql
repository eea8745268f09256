-- grain: one row per deal lost with a customer: a renewal, or any other that gives a reason
with lost as (
    select * from {{ ref('stg_hubspot__checked_deals') }}
    where is_lost
        and not is_won
        and closes_on is not null
        and party_object <> 'deals'
        -- a lost prospect never was a customer, whatever the reason
        and not coalesce(is_new_business, false)
        and (is_renewal or closed_lost_reason is not null)
),

offered as (
    select
        'hubspot' as vendor, system, 'deals' as object, deal_id as source_ref, batch_id, record, party_object, party_ref,
        cast(null as string) as agreement_ref, closes_on as departed_on, 'hubspot' as silo, closed_lost_reason as reason_code
    from lost
)

select * from offered
