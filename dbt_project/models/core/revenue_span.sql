-- grain: one row per customer, line and days at an unchanged price, [valid_from, valid_to); valid_to null: open
with spans as (
    select * from {{ ref('valued_span') }}
)

select
    customer_id, {{ published_ref('line_ref') }} as line_ref, valid_from, valid_to, amount, currency, interval, interval_count,
    monthly_amount, mrr_value, annualised_value,
    vendor, system, object, {{ published_ref('source_ref') }} as source_ref, batch_id, record, is_provisional
from spans
