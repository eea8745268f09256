-- grain: one row per pair of source records and rule that ties them together
with evidence as (
    select * from {{ source('identity', 'evidence') }}
)

select
    vendor, system, object, {{ published_ref('source_ref') }} as source_ref,
    other_vendor, other_system, other_object, {{ published_ref('other_source_ref') }} as other_source_ref,
    match_rule, match_score, evidence, stated_on
from evidence
