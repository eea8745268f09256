-- grain: one row per source record of a person or an organisation and the days it belongs to a customer
with clusters as (
    select * from {{ ref('identity_stay') }}
)

select
    vendor, system, object, {{ published_ref('source_ref') }} as source_ref,
    customer_id, match_rule, match_score, valid_from, valid_to
from clusters
