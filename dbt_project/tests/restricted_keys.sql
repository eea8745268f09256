-- A failing row is a key that a restricted table has more than once: a source record, or a refused record of a batch.
-- Guards against calling somebody twice.
select 'customer_contact' as table_name, vendor || '|' || system || '|' || object || '|' || source_ref as key
from {{ ref('customer_contact') }}
group by vendor, system, object, source_ref
having count(*) > 1
union all
select 'refused_rows_text' as table_name, batch_id as key
from {{ ref('refused_rows_text') }}
group by batch_id, record, line
having count(*) > 1
union all
select 'verbatims' as table_name, vendor || '|' || system || '|' || object || '|' || source_ref as key
from {{ ref('verbatims') }}
group by vendor, system, object, source_ref, given_on
having count(*) > 1
