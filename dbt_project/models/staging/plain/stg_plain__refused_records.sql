-- grain: one row per record that contradicts another of its kind
with subscriptions as (
    select * from {{ ref('stg_plain__checked_subscriptions') }}
    where refused_field is not null
),

offered as (
    select
        _batch_id as batch_id, 'plain' as vendor, _system as system, 'subscriptions' as object, _file as file,
        _record as record, refused_field as field, refused_reason as reason
    from subscriptions
)

select * from offered
