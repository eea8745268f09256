-- grain: one row per invitation up to the as-of day: whom it asked, of which customer and segment
with asked as (
    select
        sends.*, {{ company_day('sends.sent_at') }} as sent_on, parties.customer_id as known_customer_id, parties.mover,
        parties.is_test, {{ person_id('sends', 'records') }} as person_id
    from {{ ref('invitation') }} as sends
    left join {{ ref('party') }} as parties
        on sends.vendor = parties.vendor
        and sends.system = parties.system
        and sends.party_object = parties.object
        and sends.party_ref = parties.source_ref
    left join {{ ref('party_record') }} as records
        on sends.vendor = records.vendor
        and sends.system = records.system
        and sends.party_object = records.object
        and sends.party_ref = records.source_ref
),

owned as (
    select asked.*, coalesce(stays.customer_id, asked.known_customer_id) as customer_id
    from asked
    {{ join_stays('asked.mover', 'asked.sent_on') }}
    where asked.sent_on <= (select as_of_on from {{ ref('company') }})
        and not coalesce(asked.is_test, false)
),

-- an answer names its invitation, or the invitation its answer; some tools tell no more than that there was one
named_by_answers as (
    select vendor, system, invitation_ref as source_ref, min(responded_at) as responded_at
    from {{ ref('response') }}
    where invitation_ref is not null
    group by vendor, system, invitation_ref
),

answers as (
    select vendor, system, source_ref as response_ref, min(responded_at) as responded_at
    from {{ ref('response') }}
    group by vendor, system, source_ref
)

select
    owned.vendor, owned.system, owned.object, owned.source_ref, owned.survey_ref, surveys.kind, owned.sent_at, owned.sent_on,
    owned.channel, owned.status, owned.opened_at, owned.started_at, owned.completed_at,
    {{ company_day('coalesce(owned.completed_at, named_by_answers.responded_at, answers.responded_at)') }} as answered_on,
    owned.person_id, owned.customer_id, {{ held_segment('owned.customer_id') }} as segment
from owned
left join {{ ref('survey') }} as surveys using (vendor, system, survey_ref)
left join named_by_answers using (vendor, system, source_ref)
left join answers using (vendor, system, response_ref)
{{ join_segment('owned.customer_id', 'owned.sent_on') }}
