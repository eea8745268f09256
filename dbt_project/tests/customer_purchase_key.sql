-- A failing row is a purchase that stands twice, or one that keeps its buyer active for no day.
-- Guards against a purchase counted for two customers.
select vendor, system, object, source_ref, max(purchased_on) as purchased_on, max(active_to) as active_to
from {{ ref('customer_purchase') }}
group by vendor, system, object, source_ref
having count(*) > 1 or max(active_to) <= max(purchased_on)
