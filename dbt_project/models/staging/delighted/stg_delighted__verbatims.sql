-- grain: one row per response that a customer may have given
with answers as (
    select * from {{ ref('stg_delighted__answers') }}
),

offered as (
    select
        'delighted' as vendor, system, 'survey_responses' as object, id as source_ref, batch_id, record,
        'survey_answer' as kind, party_object, party_ref, responded_at as given_at,
        {{ company_day('responded_at') }} as given_on, survey_ref, 'delighted' as silo,
        cast(null as string) as category, cast(null as string) as language,
        case when {{ filled('comment') }} is not null then comment end as text
    from answers
)

select * from offered
