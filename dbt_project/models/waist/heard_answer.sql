-- grain: one row per answer to a survey up to the as-of day, with a score or without: who gave it, of which customer and segment
with {{ owned_on('given_answer', 'responded_at', 'answered_on') }}

select
    owned.vendor, owned.system, owned.object, owned.source_ref, owned.survey_ref, owned.answered_on, owned.invitation_ref,
    owned.is_finished, owned.language, owned.person_id, owned.customer_id, {{ held_segment('owned.customer_id') }} as segment
from owned
{{ join_segment('owned.customer_id', 'owned.answered_on') }}
