-- grain: one row per response that was begun and not completed
with answers as (
    select * from {{ ref('stg_qualtrics__answers') }}
    where not is_complete
),

offered as (
    select
        'qualtrics' as vendor, system, object, response_id as source_ref, batch_id, record,
        survey_ref, party_object, party_ref,
        responded_at as stopped_at, progress
    from answers
)

select * from offered
