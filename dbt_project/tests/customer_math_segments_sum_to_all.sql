-- A failing row is a period and value basis in which a measure of `all` is not the sum of the segments'.
-- Guards that every customer is in one segment. Of transfers, `all` has what is left of them in the end.
{%- set measures = [
    'opening_customers', 'new_customers', 'won_back_customers', 'lost_customers', 'merged_customers', 'closing_customers',
    'net_customers', 'opening_value', 'new_value', 'won_back_value', 'expansion_value', 'contraction_value', 'lost_value',
    'fx_value', 'closing_value', 'net_value', '(transferred_in_customers - transferred_out_customers)',
    '(transferred_in_value - transferred_out_value)'] %}
select period_kind, period_start, value_basis
from {{ ref('customer_math') }}
group by period_kind, period_start, value_basis
having
    {%- for measure in measures %}
    sum(case when segment = 'all' then {{ measure }} else -{{ measure }} end) <> 0{{ ' or' if not loop.last }}
    {%- endfor %}
