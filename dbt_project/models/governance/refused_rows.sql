-- grain: one row per record that was refused, and why (never the value)
with landing as (
    select batch_id, vendor, system, object, file, record, line, field, reason
    from {{ source('log', 'refused_records') }}
    where batch_id in (select batch_id from {{ known_batches() }})
),

staged as (
    select * from {{ ref('refused_value') }}
),

refused as (
    select * from landing
    union all
    select batch_id, vendor, system, object, file, record, cast(null as bigint) as line, field, reason from staged
)

select * from refused
