-- grain: one row per complete response that holds something else where a score belongs
with answers as (
    select * from {{ ref('stg_qualtrics__answers') }}
    where refused_field is not null
),

offered as (
    select
        batch_id, 'qualtrics' as vendor, system, 'responses' as object, file, record,
        refused_field as field,
        case when refused_field = 'nps' then 'not a whole number from 0 to 10' else 'not a whole number' end as reason
    from answers
)

select * from offered
