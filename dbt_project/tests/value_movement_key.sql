-- A failing row is a customer, day, movement and segment told more than once, or a row without one of them.
-- Guards against a loss counted twice.
select customer_id, moved_on, movement, segment
from {{ ref('value_movement') }}
group by customer_id, moved_on, movement, segment
having count(*) > 1
    or customer_id is null
    or moved_on is null
    or movement is null
    or segment is null
