-- grain: one row per paid agreement that ended or will end, with the reason its system gives
with ended as (
    select * from {{ ref('stg_plain__checked_subscriptions') }}
    where refused_field is null
        and cancel_reason is not null
        and ends_on is not null
        and not coalesce(is_trial, false)
),

offered as (
    select
        'plain' as vendor, _system as system, 'subscriptions' as object, subscription_ref as source_ref,
        _batch_id as batch_id, _record as record,
        'customers' as party_object, customer_ref as party_ref,
        subscription_ref as agreement_ref,
        ends_on as departed_on, _system as silo, cancel_reason as reason_code
    from ended
)

select * from offered
