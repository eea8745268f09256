-- grain: one row per response
with answers as (
    select * from {{ ref('stg_surveymonkey__answers') }}
),

offered as (
    select
        'surveymonkey' as vendor, system, 'responses' as object, respondent_id as source_ref, batch_id, record,
        'survey_answer' as kind, case when party_ref is not null then 'responses' end as party_object, party_ref,
        responded_at as given_at, {{ company_day('responded_at') }} as given_on, survey_ref, 'surveymonkey' as silo,
        cast(null as string) as category, cast(null as string) as language,
        case when {{ filled('comment') }} is not null then comment end as text
    from answers
)

select * from offered
