-- grain: one row per recommendation score of 0 to 6, with whether whoever gave it was asked again and scored 7 or more the next time
-- Of nobody known nothing can be told.
with answers as (
    select
        vendor, system, object, source_ref, survey_ref, responded_at, score, person_id,
        lead(score) over (partition by person_id order by responded_at, vendor, system, object, source_ref) as next_score
    from {{ ref('survey_answer') }}
    where metric = 'nps' and person_id is not null
),

last_sent as (
    select sends.person_id, max(sends.sent_at) as last_sent_at
    from {{ ref('survey_send') }} as sends
    semi join answers
        on sends.vendor = answers.vendor
        and sends.system = answers.system
        and sends.survey_ref = answers.survey_ref
    where sends.status = 'sent' and sends.person_id is not null
    group by sends.person_id
)

select
    answers.vendor, answers.system, answers.object, answers.source_ref,
    answers.next_score is not null or coalesce(last_sent.last_sent_at > answers.responded_at, false) as is_asked_again,
    coalesce(answers.next_score >= 7, false) as is_rescued
from answers
left join last_sent on answers.person_id = last_sent.person_id
where answers.score <= 6
