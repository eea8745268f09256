-- grain: one row per source record of a person, an organisation or a ticket that is not there in the newest extract
with missing as (
    select * from {{ ref('missing_record') }}
)

select vendor, system, object, {{ published_ref('source_ref') }} as source_ref, state, last_seen_at, named_by
from missing
