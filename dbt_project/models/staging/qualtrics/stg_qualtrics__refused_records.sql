-- grain: one row per version of a complete response that holds something else where a score belongs
with answers as (
    select * from {{ ref('stg_qualtrics__checked_answers') }}
    where refused_field is not null
),

offered as (
    select
        _batch_id as batch_id, 'qualtrics' as vendor, _system as system, object, _file as file,
        _record as record, refused_field as field,
        case when refused_field = 'nps' then 'not a whole number from 0 to 10' else 'not a whole number' end as reason
    from answers
)

select * from offered
