-- grain: one row per response to a question that is NPS, CSAT or CES
with answers as (
    select * from {{ ref('stg_delighted__answers') }}
    where survey_kind in ('nps', 'csat', 'ces')
),

offered as (
    select
        'delighted' as vendor, system, 'survey_responses' as object, id as source_ref, batch_id, record,
        survey_ref, party_object, party_ref, responded_at, survey_kind as metric, cast(score as int) as score,
        case survey_kind when 'nps' then 11 else 5 end as points, cast(null as string) as invitation_ref,
        cast(null as string) as language
    from answers
)

select * from offered
