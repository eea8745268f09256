-- grain: one row per response that a person gave, complete or not
with answers as (
    select * from {{ newest_of(ref('stg_qualtrics__checked_answers'), 'qualtrics', 'responses', ['response_id']) }}
),

invitations as (
    select system, response_ref, min(party_ref) as party_ref, min(source_ref) as invitation_ref
    from {{ ref('stg_qualtrics__invitations') }}
    where response_ref is not null
    group by system, response_ref
),

-- who says by nothing who answered is whoever was invited; else an anonymous response is nobody's: a name alone never joins
given as (
    select
        'qualtrics' as vendor, answers._system as system, answers.object, answers.response_id, answers.survey_ref, answers.name, answers.email,
        answers.salesforce_id, answers.is_complete, answers.progress, answers.responded_at,
        case
            when answers.email is not null or answers.salesforce_id is not null then answers.object
            when invitations.party_ref is not null then 'contacts'
        end as party_object,
        case when answers.email is not null or answers.salesforce_id is not null then answers.response_id
            else invitations.party_ref
        end as party_ref,
        answers.nps, answers.csat, answers.ces, answers.comment, answers.topics, answers.user_language,
        invitations.invitation_ref,
        answers._batch_id as batch_id, answers._record as record
    from answers
    left join invitations
        on answers._system = invitations.system
        and answers.response_id = invitations.response_ref
    where answers.is_somebodys
)

select * from given
