-- grain: one row per measure and version of its definition
with definitions as (
    select * from {{ source('reference', 'metric_definition') }}
)

select metric, version, published_in, sentence, formula, unit, owner, decided_in
from definitions
