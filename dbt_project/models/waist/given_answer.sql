-- grain: one row per answer to a survey, with a score or without
-- Who has said something in words has answered, finished or not.
with answers as (
    select * from {{ ref('verbatim') }}
    where kind = 'survey_answer'
),

-- other tools export what was finished alone
begun as (
    {{ union_of(['stg_qualtrics__answers'], ['vendor', 'system', 'object', 'response_id as source_ref', 'is_complete']) }}
),

named as (
    select vendor, system, object, source_ref, min(invitation_ref) as invitation_ref
    from {{ ref('response') }}
    where invitation_ref is not null
    group by vendor, system, object, source_ref
)

select
    answers.vendor, answers.system, answers.object, answers.source_ref, answers.survey_ref, answers.party_object, answers.party_ref,
    answers.given_at as responded_at, named.invitation_ref, coalesce(begun.is_complete, true) as is_finished,
    {{ language_of('answers.language') }} as language
from answers
left join begun using (vendor, system, object, source_ref)
left join named using (vendor, system, object, source_ref)
