-- grain: one row per invitation, and one per response that no invitation explains: what became of it
with answers as (
    select distinct vendor, system, survey_ref, source_ref, invitation_ref, answered_on, customer_id, segment
    from {{ ref('survey_answer') }}
),

named_by_answers as (
    select distinct vendor, system, invitation_ref as source_ref, true as is_named from answers
    where invitation_ref is not null
),

responses as (
    select distinct vendor, system, source_ref as response_ref, true as is_there from answers
),

-- what a tool notes of an invitation after the as-of day has not happened yet
sends as (
    select
        sends.*,
        coalesce(named_by_answers.is_named, responses.is_there, false)
            or coalesce({{ company_day('sends.completed_at') }} <= company.as_of_on, false) as is_finished,
        coalesce({{ company_day('sends.started_at') }} <= company.as_of_on, false) as is_started,
        coalesce({{ company_day('sends.opened_at') }} <= company.as_of_on, false) as is_opened
    from {{ ref('survey_send') }} as sends
    cross join {{ ref('company') }} as company
    left join named_by_answers using (vendor, system, source_ref)
    left join responses using (vendor, system, response_ref)
),

-- who answers has opened, whatever the tool noticed
told as (
    select
        vendor, system, survey_ref, sent_on as day, customer_id, segment,
        case
            when is_finished then 'finished'
            when status <> 'sent' then status
            when is_started then 'started'
            when is_opened then 'opened'
            else 'unknown'
        end as outcome
    from sends
),

unexplained as (
    select answers.*
    from answers
    anti join sends
        on answers.vendor = sends.vendor and answers.system = sends.system and answers.source_ref = sends.response_ref
    anti join {{ ref('survey_send') }} as invitations
        on answers.vendor = invitations.vendor
        and answers.system = invitations.system
        and answers.invitation_ref = invitations.source_ref
)

select * from told
union all
select vendor, system, survey_ref, answered_on as day, customer_id, segment, 'unexplained' as outcome from unexplained
