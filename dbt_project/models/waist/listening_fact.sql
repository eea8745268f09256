-- grain: one row per source by which customers are heard at a stage of the journey, kind of listening, customer and month
-- A stage is the survey's, the category's or the touchpoint's; null where nobody says.
with {{ owned_on('touchpoint_event', 'occurred_at', 'happened_on') }},

-- one answer may hold several scores
answered as (
    select distinct
        'aided' as kind, surveys.journey_stage, answers.vendor || '/' || answers.system || '/' || answers.survey_ref as heard_by,
        answers.customer_id, answers.answered_on as heard_on, answers.object, answers.source_ref
    from {{ ref('survey_answer') }} as answers
    inner join {{ ref('survey') }} as surveys using (vendor, system, survey_ref)
),

heard as (
    select kind, journey_stage, heard_by, customer_id, heard_on from answered
    union all
    select
        'unaided', categories.journey_stage, items.vendor || '/' || items.system || '/' || items.kind, items.customer_id, items.given_on
    from {{ ref('feedback_item') }} as items
    left join {{ source('reference', 'issue_category') }} as categories on items.category = categories.category
    where not items.is_aided
    union all
    select
        'behavioural', touchpoints.stage, owned.vendor || '/' || owned.system || '/' || owned.touchpoint, owned.customer_id,
        owned.happened_on
    from owned
    left join {{ source('reference', 'touchpoint') }} as touchpoints on owned.touchpoint = touchpoints.touchpoint
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
