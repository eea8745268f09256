-- grain: one row per definition (0: the one-company ledger), customer and month, as a number, in which anything of the customer changed
{%- set flows = ['new_customers', 'won_back_customers', 'lost_customers'] %}
with of_units as (
    select definition_number, customer_id, closing_number, active_change, value_change, {{ flows | join(', ') }}
    from {{ ref('definition_month') }}
    union all
    select
        0, customer_id, closing_number, cast(is_active as integer) - cast(was_active as integer),
        cast(mrr - earlier_mrr as decimal(18, 4)), 0, 0, 0
    from {{ ref('state_at_month_end') }}
    where was_active <> is_active or mrr <> earlier_mrr
    union all
    select
        0, customer_id, {{ month_number('moved_on') }}, 0, cast(0 as decimal(18, 4)),
        {%- for movement in ['new', 'won_back', 'lost'] %}
        case movement when '{{ movement }}' then 1 else 0 end{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('movement') }}
    where movement in ('new', 'won_back', 'lost')
)

select
    definition_number, customer_id, closing_number,
    {%- for flow in flows %}
    cast(sum({{ flow }}) as bigint) as {{ flow }},
    {%- endfor %}
    cast(sum(active_change) as bigint) as closing_customers,
    cast(sum(value_change) as decimal(18, 4)) as closing_value
from of_units
group by definition_number, customer_id, closing_number
