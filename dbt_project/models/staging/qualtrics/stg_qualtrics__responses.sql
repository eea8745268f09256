-- grain: one row per complete response and scored question
with answers as (
    select * from {{ ref('stg_qualtrics__answers') }}
    where is_complete
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
        'qualtrics' as vendor, system, object, response_id as source_ref, batch_id, record,
        survey_ref, party_object, party_ref,
        responded_at, metric, score, cast(null as int) as points, invitation_ref, {{ language_of('user_language') }} as language
    from scored
    where score is not null
)

select * from offered
