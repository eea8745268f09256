-- grain: one row per response to a question that is NPS, CSAT or CES
-- the type tells the scale too: a project asks for satisfaction or effort on one of two
with scales as (
    select * from (
        values ('nps', 'nps', 11), ('csat', 'csat', 5), ('csat3', 'csat', 3), ('ces', 'ces', 5), ('ces7', 'ces', 7)
    ) as s (survey_kind, metric, points)
),

answers as (
    select * from {{ ref('stg_delighted__answers') }}
    inner join scales using (survey_kind)
),

offered as (
    select
        'delighted' as vendor, system, 'survey_responses' as object, id as source_ref, batch_id, record,
        survey_ref, party_object, party_ref, responded_at, metric, cast(score as int) as score, points,
        cast(null as string) as invitation_ref, cast(null as string) as language
    from answers
)

select * from offered
