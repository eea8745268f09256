-- grain: one row per price agreement of an in-house billing system
with subscriptions as (
    select * from {{ ref('stg_plain__checked_subscriptions') }}
    where refused_field is null
),

offered as (
    select
        'plain' as vendor, _system as system, 'subscriptions' as object, subscription_ref as source_ref,
        _batch_id as batch_id, _record as record,
        'customers' as party_object, customer_ref as party_ref,
        subscription_ref as line_ref, subscription_ref as agreement_ref,
        starts_on, ends_on, cast(null as timestamp) as starts_at, cast(null as timestamp) as ends_at,
        amount, currency, interval, cast(coalesce(interval_count, 1) as int) as interval_count,
        coalesce(is_trial, false) as is_trial, coalesce(is_paused, false) as is_paused, false as is_metered, unpaid_since,
        cast(null as timestamp) as unpaid_at, false as is_provisional,
        cancel_requested_on, cast(null as timestamp) as cancel_requested_at, cancel_reason
    from subscriptions
)

select * from offered
