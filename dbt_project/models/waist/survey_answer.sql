-- grain: one row per scored answer up to the as-of day: who gave it, of which customer and segment, on which scale
with {{ owned_on('response', 'responded_at', 'answered_on') }}

select
    owned.vendor, owned.system, owned.object, owned.source_ref, owned.survey_ref, surveys.kind, owned.responded_at,
    owned.answered_on, owned.metric, owned.score,
    {{ points_of('owned.metric', 'surveys', 'owned.points') }} as points,
    case when owned.metric = 'ces' then surveys.ces_version end as ces_version,
    owned.invitation_ref, owned.language, owned.person_id, owned.customer_id,
    {{ held_segment('owned.customer_id') }} as segment
from owned
inner join {{ ref('survey') }} as surveys using (vendor, system, survey_ref)
{{ join_segment('owned.customer_id', 'owned.answered_on') }}
