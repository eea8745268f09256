-- grain: one row per piece of feedback that was given in words
select
    items.vendor, items.system, items.object, items.source_ref, items.kind, items.given_on, items.customer_id, items.survey_ref,
    items.category, items.language, verbatims.text, false as is_pii_checked
from {{ ref('feedback_item') }} as items
inner join {{ ref('verbatim') }} as verbatims using (vendor, system, object, source_ref, given_on)
where verbatims.text is not null
