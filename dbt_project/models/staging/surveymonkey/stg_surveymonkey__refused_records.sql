-- grain: one row per version of a response that holds something else where a score belongs
with answers as (
    select * from {{ ref('stg_surveymonkey__checked_responses') }}
    where refused_field is not null
),

offered as (
    select
        _batch_id as batch_id, 'surveymonkey' as vendor, _system as system, 'responses' as object, _file as file,
        _record as record, refused_field as field,
        case when refused_field = 'nps' then 'not a whole number from 0 to 10' else 'not a whole number' end as reason
    from answers
)

select * from offered
