-- grain: one row per record that contradicts itself or another record of its file's kind
with subscriptions as (
    select _batch_id, _system, 'subscriptions' as object, _file, _record, refused_field, refused_reason
    from {{ ref('stg_plain__checked_subscriptions') }}
    where refused_field is not null
),

purchases as (
    select _batch_id, _system, 'purchases' as object, _file, _record, 'currency' as refused_field,
        'not a three-letter code' as refused_reason
    from {{ accepted_records('plain', 'purchases') }}
    where not {{ matches('upper(currency)', '[A-Z]{3}') }}
),

answers as (
    select _batch_id, _system, 'survey_responses' as object, _file, _record, refused_field,
        'not a whole number from 0 to 10' as refused_reason
    from {{ ref('stg_plain__checked_answers') }}
    where refused_field is not null
),

refused as (
    select * from subscriptions
    union all
    select * from purchases
    union all
    select * from answers
),

offered as (
    select
        _batch_id as batch_id, 'plain' as vendor, _system as system, object, _file as file, _record as record,
        refused_field as field, refused_reason as reason
    from refused
)

select * from offered
