-- grain: one row per record that landing could not read, with its text
with refused as (
    select * from {{ source('log', 'refused_records') }}
    where batch_id in (select batch_id from {{ known_batches() }})
)

select batch_id, vendor, system, object, file, record, line, field, reason, record_text
from refused
