-- grain: one row per definition, the one before it in a bridge, customer and month, as a number, of which they tell otherwise
-- Bridges share steps, each of which is reckoned once. Whom a definition touches has flows of its own under it, everybody else has those
-- of its anchor.
{%- set flows = ['new_customers', 'won_back_customers', 'lost_customers', 'closing_customers', 'closing_value'] %}
with steps as (
    select distinct definition_number, earlier_number, earlier_anchor_number, policy = 'base_object' as is_of_base
    from ({{ known_steps() }}) as known
),

sides as (
    select steps.definition_number, steps.earlier_number, 1 as sign, flows.customer_id, flows.closing_number, flows.{{ flows | join(', flows.') }}
    from steps
    inner join {{ ref('definition_flow') }} as flows on steps.definition_number = flows.definition_number
    {%- for source in ['earlier_number', 'earlier_anchor_number'] %}
    {%- for is_of_base in [false, true] %}
    union all
    select
        steps.definition_number, steps.earlier_number, -1 as sign, flows.customer_id, flows.closing_number, flows.{{ flows | join(', flows.') }}
    from steps
    {%- if not is_of_base %}
    inner join {{ ref('definition_touch') }} as touched on steps.definition_number = touched.definition_number
    {%- endif %}
    inner join {{ ref('definition_flow') }} as flows
        on steps.{{ source }} = flows.definition_number
        {%- if not is_of_base %}
        and touched.customer_id = flows.customer_id
        {%- endif %}
    {%- if source == 'earlier_anchor_number' %}
    left join {{ ref('definition_touch') }} as earlier
        on steps.earlier_number = earlier.definition_number
        and flows.customer_id = earlier.customer_id
    {%- endif %}
    where {{ 'steps.is_of_base' if is_of_base else 'not steps.is_of_base' }}
        {%- if source == 'earlier_anchor_number' %}
        and steps.earlier_anchor_number <> steps.earlier_number
        and earlier.customer_id is null
        {%- endif %}
    {%- endfor %}
    {%- endfor %}
)

select
    definition_number, earlier_number, customer_id, closing_number,
    cast(sum(sign * new_customers) as bigint) as new_customers,
    cast(sum(sign * won_back_customers) as bigint) as won_back_customers,
    cast(sum(sign * lost_customers) as bigint) as lost_customers,
    cast(sum(sign * closing_customers) as bigint) as closing_customers,
    cast(sum(sign * closing_value) as decimal(18, 4)) as closing_value
from sides
group by definition_number, earlier_number, customer_id, closing_number
having {% for flow in flows %}sum(sign * {{ flow }}) <> 0{{ ' or ' if not loop.last }}{% endfor %}
