-- grain: one row per deal that was won on no day
with deals as (
    select * from {{ ref('stg_hubspot__checked_deals') }}
    where refused_field is not null
),

offered as (
    select
        batch_id, 'hubspot' as vendor, system, 'deals' as object, file, record, refused_field as field,
        refused_reason as reason
    from deals
)

select * from offered
