-- grain: one row per answer to a survey
with answers as (
    select
        *,
        {{ plain_party('survey_responses', 'response_ref') }}
    from {{ accepted_records('plain', 'survey_responses') }}
),

invitations as (
    select * from {{ ref('stg_plain__invitations') }}
),

-- an answer that says nothing of who gave it is the answer of whoever was invited
offered as (
    select
        'plain' as vendor, answers._system as system, 'survey_responses' as object, answers.response_ref as source_ref,
        answers._batch_id as batch_id, answers._record as record,
        answers.survey_ref,
        coalesce(answers.party_object, invitations.party_object) as party_object,
        coalesce(answers.party_ref, invitations.party_ref) as party_ref,
        answers.responded_at, answers.metric, cast(answers.score as int) as score, cast(null as int) as points,
        answers.invitation_ref, {{ language_of('answers.language') }} as language
    from answers
    left join invitations
        on answers._system = invitations.system
        and answers.invitation_ref = invitations.source_ref
)

select * from offered
