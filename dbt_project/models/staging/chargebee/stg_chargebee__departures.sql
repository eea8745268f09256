-- grain: one row per subscription and activation that ended, or will end, with a reason
with ended as (
    select * from {{ ref('stg_chargebee__activations') }}
    where stops_at is not null
        and cancel_reason is not null
),

offered as (
    select
        'chargebee' as vendor, system, 'subscriptions' as object, subscription_id as source_ref, batch_id, record,
        case when customer_id is null then 'subscriptions' else 'customers' end as party_object,
        coalesce(customer_id, subscription_id) as party_ref, subscription_id as agreement_ref,
        {{ company_day('stops_at') }} as departed_on, 'chargebee' as silo, cancel_reason as reason_code
    from ended
)

select * from offered
