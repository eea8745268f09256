-- grain: one row per invitation up to the as-of day: whom it asked, of which customer and segment
with {{ owned_on('invitation', 'sent_at', 'sent_on') }},

-- an answer names its invitation, or the invitation its answer; some tools tell no more than that there was one
named_by_answers as (
    select vendor, system, invitation_ref as source_ref, min(responded_at) as responded_at
    from {{ ref('given_answer') }}
    where invitation_ref is not null
    group by vendor, system, invitation_ref
),

answers as (
    select vendor, system, source_ref as response_ref, min(responded_at) as responded_at
    from {{ ref('given_answer') }}
    where is_finished
    group by vendor, system, source_ref
)

select
    owned.vendor, owned.system, owned.object, owned.source_ref, owned.survey_ref, surveys.kind, owned.sent_at, owned.sent_on,
    owned.channel, owned.status, owned.opened_at, owned.started_at, owned.completed_at,
    {{ company_day('coalesce(owned.completed_at, named_by_answers.responded_at, answers.responded_at)') }} as answered_on,
    coalesce(named_by_answers.responded_at, answers.responded_at) is not null as has_answer,
    owned.person_id, owned.customer_id, {{ held_segment('owned.customer_id') }} as segment
from owned
left join {{ ref('survey') }} as surveys using (vendor, system, survey_ref)
left join named_by_answers using (vendor, system, source_ref)
left join answers using (vendor, system, response_ref)
{{ join_segment('owned.customer_id', 'owned.sent_on') }}
