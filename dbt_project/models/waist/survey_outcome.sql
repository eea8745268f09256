-- grain: one row per invitation, and one per answer that no invitation explains: what became of it
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

-- what each day leaves of a customer, until the next day that changes anything
states as (
    select customer_id, is_active, day, lead(day) over (partition by customer_id order by day, step) as next_day
    from {{ ref('ledger') }}
    qualify lead(day) over (partition by customer_id order by day, step) is distinct from day
),

losses as (
    select customer_id, moved_on, lag(moved_on) over (partition by customer_id order by moved_on) as earlier_moved_on
    from {{ ref('movement') }}
    where movement = 'lost'
),

-- who answers has opened, whatever the tool noticed
told as (
    select
        sends.vendor, sends.system, sends.survey_ref, sends.sent_on as day, sends.customer_id, sends.segment,
        -- of customers that were active on the day, once twelve months have passed
        case when status = 'sent' and states.customer_id is not null and {{ add_months('sends.sent_on', 12) }} <= company.as_of_on
            then coalesce(losses.moved_on <= {{ add_months('sends.sent_on', 12) }}, false) end as is_lost_after,
        case
            when is_finished then 'finished'
            when status <> 'sent' then status
            when is_started then 'started'
            when is_opened then 'opened'
            else 'unknown'
        end as outcome
    from sends
    cross join {{ ref('company') }} as company
    left join states
        on sends.customer_id = states.customer_id
        and states.is_active
        and states.day <= sends.sent_on
        and (states.next_day is null or sends.sent_on < states.next_day)
    left join losses
        on sends.customer_id = losses.customer_id
        and sends.sent_on < losses.moved_on
        and (losses.earlier_moved_on is null or losses.earlier_moved_on <= sends.sent_on)
),

unexplained as (
    select answers.*
    from {{ ref('heard_answer') }} as answers
    anti join {{ ref('invitation') }} as invitations
        on answers.vendor = invitations.vendor
        and answers.system = invitations.system
        and answers.source_ref = invitations.response_ref
    anti join {{ ref('invitation') }} as named
        on answers.vendor = named.vendor
        and answers.system = named.system
        and answers.invitation_ref = named.source_ref
)

select * from told
union all
select
    vendor, system, survey_ref, answered_on as day, customer_id, segment, cast(null as boolean) as is_lost_after,
    'unexplained' as outcome
from unexplained
