-- grain: one row per record that landing could not read, with its text
with refused as (
    select * from {{ source('log', 'refused_records') }}
)

select batch_id, vendor, system, object, file, record, line, field, reason, record_text
from refused
