-- grain: one row per invitation, and one per response that no invitation explains: what became of it
-- What a tool notes of an invitation after the as-of day has not happened yet.
with sends as (
    select
        sends.*,
        coalesce(sends.answered_on <= company.as_of_on, false) as is_finished,
        coalesce({{ company_day('sends.started_at') }} <= company.as_of_on, false) as is_started,
        coalesce({{ company_day('sends.opened_at') }} <= company.as_of_on, false) as is_opened
    from {{ ref('survey_send') }} as sends
    cross join {{ ref('company') }} as company
),

-- who answers has opened, whatever the tool noticed
told as (
    select
        vendor, system, survey_ref, sent_on as day, case when is_finished then answered_on end as answered_on, customer_id, segment,
        case
            when is_finished then 'finished'
            when status <> 'sent' then status
            when is_started then 'started'
            when is_opened then 'opened'
            else 'unknown'
        end as outcome
    from sends
),

responses as (
    select distinct vendor, system, survey_ref, source_ref, invitation_ref, answered_on, customer_id, segment
    from {{ ref('survey_answer') }}
),

unexplained as (
    select responses.*
    from responses
    anti join {{ ref('invitation') }} as invitations
        on responses.vendor = invitations.vendor
        and responses.system = invitations.system
        and responses.source_ref = invitations.response_ref
    anti join {{ ref('invitation') }} as named
        on responses.vendor = named.vendor
        and responses.system = named.system
        and responses.invitation_ref = named.source_ref
)

select * from told
union all
select vendor, system, survey_ref, answered_on as day, answered_on, customer_id, segment, 'unexplained' as outcome
from unexplained
