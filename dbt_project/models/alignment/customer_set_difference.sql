-- grain: one row per profile, step, metric, customer and months [month_from, month_to) for which the step counts the customer otherwise
-- What happens in a month is of that month alone; who is there and worth what at a month's end stays so until it changes.
{%- set flows = ['new_customers', 'won_back_customers', 'lost_customers', 'closing_customers', 'closing_value'] %}
with steps as (
    select
        profile, step, policy, definition_number,
        lag(definition_number) over (partition by profile order by step) as earlier_number,
        coalesce(lag(anchor_number) over (partition by profile order by step), 0) as earlier_anchor_number
    from ({{ known_steps() }}) as known
),

flows as (
    select * from {{ ref('definition_flow') }}
),

touched as (
    select * from {{ ref('definition_touch') }}
),

-- whom a definition touches has flows of its own under it, everybody else has those of its anchor
sides as (
    select steps.profile, steps.step, steps.policy, 1 as sign, flows.*
    from steps
    inner join flows on steps.definition_number = flows.definition_number
    union all
    select steps.profile, steps.step, steps.policy, -1 as sign, flows.*
    from steps
    inner join flows on steps.earlier_number = flows.definition_number
    left join touched
        on steps.definition_number = touched.definition_number
        and flows.customer_id = touched.customer_id
    where steps.policy = 'base_object' or touched.customer_id is not null
    union all
    select steps.profile, steps.step, steps.policy, -1 as sign, flows.*
    from steps
    inner join touched using (definition_number)
    inner join flows
        on steps.earlier_anchor_number = flows.definition_number
        and touched.customer_id = flows.customer_id
    left join touched as earlier
        on steps.earlier_number = earlier.definition_number
        and flows.customer_id = earlier.customer_id
    where steps.policy <> 'base_object' and earlier.customer_id is null
    union all
    select steps.profile, steps.step, steps.policy, -1 as sign, flows.*
    from steps
    inner join flows on steps.earlier_anchor_number = flows.definition_number
    left join touched as earlier
        on steps.earlier_number = earlier.definition_number
        and flows.customer_id = earlier.customer_id
    where steps.policy = 'base_object' and earlier.customer_id is null
),

differing as (
    select
        profile, step, policy, customer_id, closing_number,
        {%- for flow in flows %}
        sum(sign * {{ flow }}) as {{ flow }}{{ ',' if not loop.last }}
        {%- endfor %}
    from sides
    group by profile, step, policy, customer_id, closing_number
),

told as (
    {%- for flow in flows %}
    select
        profile, step, policy, '{{ flow }}' as metric, customer_id, closing_number as number_from,
        {%- if flow.startswith('closing') %}
        lead(closing_number) over following as number_to, sum({{ flow }}) over following as difference
        {%- else %}
        closing_number + 1 as number_to, {{ flow }} as difference
        {%- endif %}
    from differing
    where {{ flow }} <> 0
    {%- if flow.startswith('closing') %}
    window following as (partition by profile, step, customer_id order by closing_number)
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

months as (
    select
        min({{ month_number('period_start') }}) as first_number, min(period_start) as first_month
    from {{ ref('calendar') }}
    where period_kind = 'month'
)

select
    told.profile, told.step, told.policy, told.metric, told.customer_id,
    {{ add_months('months.first_month', 'greatest(told.number_from - months.first_number, 0)') }} as month_from,
    {{ add_months('months.first_month', 'told.number_to - months.first_number') }} as month_to,
    cast(told.difference as decimal(22, 6)) as difference
from told
cross join months
where told.difference <> 0
    and (told.number_to is null or told.number_to > months.first_number)
