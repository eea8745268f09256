-- grain: one row per measure, table that publishes it and version of its definition
with definitions as (
    select * from {{ source('reference', 'metric_definition') }}
)

select metric, version, published_in, sentence, formula, grain, unit, counts, does_not_count, owner, decided_in
from definitions
