-- A failing row is a period, segment and value basis whose customers or value do not add up from opening to closing.
-- Guards the two laws of customer math.
select *
from {{ ref('customer_math') }}
where opening_customers + new_customers + won_back_customers - lost_customers
    + transferred_in_customers - transferred_out_customers - merged_customers
    is distinct from closing_customers
    or opening_value + new_value + won_back_value + expansion_value - contraction_value - lost_value
    + transferred_in_value - transferred_out_value + fx_value
    is distinct from closing_value
