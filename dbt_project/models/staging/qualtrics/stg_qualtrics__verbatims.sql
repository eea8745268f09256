-- grain: one row per complete response, and per other one that says something in words
with answers as (
    select *, {{ filled('comment') }} is not null as has_words
    from {{ ref('stg_qualtrics__answers') }}
),

offered as (
    select
        'qualtrics' as vendor, system, object, response_id as source_ref, batch_id, record, 'survey_answer' as kind,
        party_object, party_ref, responded_at as given_at, {{ company_day('responded_at') }} as given_on, survey_ref,
        'qualtrics' as silo, {{ filled('topics') }} as category, {{ filled('user_language') }} as language,
        case when has_words then comment end as text
    from answers
    where is_complete or has_words
)

select * from offered
