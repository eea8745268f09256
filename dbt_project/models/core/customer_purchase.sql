-- grain: one row per purchase of a customer
with purchases as (
    select * from {{ ref('purchase_window') }}
    where not is_test
)

select
    customer_id, purchased_on, active_to, amount, currency,
    vendor, system, object, {{ published_ref('source_ref') }} as source_ref, batch_id, record
from purchases
