-- grain: one row per definition, the one before it in a bridge, customer and month, as a number, of which they tell otherwise
-- Bridges share steps, each of which is reckoned once.
{%- set flows = ['new_customers', 'won_back_customers', 'lost_customers', 'closing_customers', 'closing_value'] %}
with steps as (
    select distinct definition_number, earlier_number
    from ({{ known_steps() }}) as known
),

sides as (
    select
        steps.definition_number, steps.earlier_number, flows.customer_id, flows.closing_number, flows.{{ flows | join(', flows.') }}
    from steps
    inner join {{ ref('definition_flow') }} as flows using (definition_number)
    union all
    select definition_number, earlier_number, customer_id, closing_number, -{{ flows | join(', -') }}
    from {{ ref('definition_before') }}
)

select
    definition_number, earlier_number, customer_id, closing_number,
    cast(sum(new_customers) as bigint) as new_customers,
    cast(sum(won_back_customers) as bigint) as won_back_customers,
    cast(sum(lost_customers) as bigint) as lost_customers,
    cast(sum(closing_customers) as bigint) as closing_customers,
    cast(sum(closing_value) as decimal(18, 4)) as closing_value
from sides
group by definition_number, earlier_number, customer_id, closing_number
having {% for flow in flows %}sum({{ flow }}) <> 0{{ ' or ' if not loop.last }}{% endfor %}
