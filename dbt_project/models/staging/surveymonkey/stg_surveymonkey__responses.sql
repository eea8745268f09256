-- grain: one row per response and scored question
with answers as (
    select * from {{ ref('stg_surveymonkey__answers') }}
),

metrics as (
    select * from (values ('nps'), ('csat'), ('ces')) as m (metric)
),

scored as (
    select
        answers.*,
        metrics.metric,
        cast(case metrics.metric when 'nps' then nps when 'csat' then csat else ces end as int) as score
    from answers
    cross join metrics
),

offered as (
    select
        'surveymonkey' as vendor, system, 'responses' as object, respondent_id as source_ref, batch_id, record,
        survey_ref, case when party_ref is not null then 'responses' end as party_object, party_ref,
        responded_at, metric, score, cast(null as int) as points, cast(null as string) as invitation_ref,
        cast(null as string) as language
    from scored
    where score is not null
)

select * from offered
