-- grain: one row per source by which customers are heard at a stage of the journey, kind of listening, customer and month
-- A stage is the survey's, the category's or the touchpoint's; null where nobody says.
with heard as (
    select
        'aided' as kind, surveys.journey_stage, answers.vendor || '/' || answers.system || '/' || answers.survey_ref as heard_by,
        answers.customer_id, answers.answered_on as heard_on
    from {{ ref('survey_answer') }} as answers
    inner join {{ ref('survey') }} as surveys using (vendor, system, survey_ref)
    union all
    select
        'unaided', categories.journey_stage, items.vendor || '/' || items.system || '/' || items.kind, items.customer_id, items.given_on
    from {{ ref('feedback_item') }} as items
    left join {{ source('reference', 'issue_category') }} as categories on items.category = categories.category
    where not items.is_aided
    union all
    select
        'behavioural', touchpoints.stage, events.vendor || '/' || events.system || '/' || events.touchpoint, parties.customer_id,
        {{ company_day('events.occurred_at') }}
    from {{ ref('touchpoint_event') }} as events
    left join {{ source('reference', 'touchpoint') }} as touchpoints on events.touchpoint = touchpoints.touchpoint
    left join {{ ref('party') }} as parties
        on events.vendor = parties.vendor
        and events.system = parties.system
        and events.party_object = parties.object
        and events.party_ref = parties.source_ref
    where not coalesce(parties.is_test, false)
    union all
    select 'behavioural', cast(null as string), 'contracts', customer_id, moved_on from {{ ref('movement') }}
    where movement in ('new', 'won_back', 'lost') or (movement in ('expansion', 'contraction') and annualised_value <> 0)
    union all
    select 'behavioural', cast(null as string), 'purchases', customer_id, purchased_on from {{ ref('purchase_window') }}
    where not is_test
)

select
    kind, journey_stage, heard_by, customer_id, {{ month_of('heard_on') }} as month_start, max(heard_on) as last_heard_on,
    count(*) as times
from heard
where heard_on <= (select as_of_on from {{ ref('company') }})
group by kind, journey_stage, heard_by, customer_id, {{ month_of('heard_on') }}
