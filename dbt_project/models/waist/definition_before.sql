-- grain: one row per definition, the one before it in a bridge, customer that they may count otherwise and month, as a number: what the one
-- before tells of it
-- A table of its own, since to find this and to compare it at once needs more memory than either.
select
    exchanged.definition_number, exchanged.earlier_number, flows.customer_id, flows.closing_number, flows.new_customers,
    flows.won_back_customers, flows.lost_customers, flows.closing_customers, flows.closing_value
from {{ ref('definition_exchange') }} as exchanged
inner join {{ ref('definition_flow') }} as flows
    on exchanged.source_number = flows.definition_number
    and exchanged.customer_id = flows.customer_id
