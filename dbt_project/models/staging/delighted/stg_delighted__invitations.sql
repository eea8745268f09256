-- grain: one row per person of a project and time at which it was asked
-- Its answer is the person's first one since, before it is asked again.
with sends as (
    select * from {{ ref('stg_delighted__sends') }}
),

answers as (
    select sends.system, sends.person_ref, sends.sent_at, min_by(answers.id, answers.responded_at) as response_ref
    from sends
    inner join {{ ref('stg_delighted__answers') }} as answers
        on sends.system = answers.system
        and sends.person_ref = answers.party_ref
        and answers.party_object = 'people'
        and sends.sent_at <= answers.responded_at
        and (sends.next_sent_at is null or answers.responded_at < sends.next_sent_at)
    group by sends.system, sends.person_ref, sends.sent_at
),

offered as (
    select
        'delighted' as vendor, sends.system, 'people' as object,
        sends.person_ref || '/' || cast(sends.sent_at as string) as source_ref, sends.batch_id, sends.record,
        sends.project as survey_ref, 'people' as party_object, sends.person_ref as party_ref,
        sends.sent_at, cast(null as string) as channel, 'sent' as status,
        cast(null as timestamp) as opened_at, cast(null as timestamp) as started_at, cast(null as timestamp) as completed_at,
        answers.response_ref
    from sends
    left join answers using (system, person_ref, sent_at)
)

select * from offered
