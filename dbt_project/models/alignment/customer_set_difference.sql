-- grain: one row per profile, step, metric, customer and months [month_from, month_to) for which the step counts the customer otherwise
-- What happens in a month is of that month alone; who is there and worth what at a month's end stays so until it changes.
{%- set flows = ['new_customers', 'won_back_customers', 'lost_customers', 'closing_customers', 'closing_value'] %}
with steps as (
    {{ known_steps() }}
),

told as (
    {%- for flow in flows %}
    select
        definition_number, earlier_number, '{{ flow }}' as metric, customer_id, closing_number as number_from,
        {%- if flow.startswith('closing') %}
        lead(closing_number) over following as number_to, sum({{ flow }}) over following as difference
        {%- else %}
        closing_number + 1 as number_to, {{ flow }} as difference
        {%- endif %}
    from {{ ref('definition_difference') }}
    where {{ flow }} <> 0
    {%- if flow.startswith('closing') %}
    window following as (partition by definition_number, earlier_number, customer_id order by closing_number)
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

months as (
    select
        min({{ month_number('period_start') }}) as first_number, min(period_start) as first_month,
        max(case when is_provisional then {{ month_number('period_start') }} end) as open_number
    from {{ ref('calendar') }}
    where period_kind = 'month'
)

select
    steps.profile, steps.step, steps.policy, told.metric, told.customer_id,
    {{ add_months('months.first_month', 'greatest(told.number_from - months.first_number, 0)') }} as month_from,
    {{ add_months('months.first_month', 'told.number_to - months.first_number') }} as month_to,
    cast(told.difference as decimal(22, 6)) as difference,
    1 as definition_version,
    coalesce(told.number_to > months.open_number, months.open_number is not null) as is_provisional
from told
inner join steps using (definition_number, earlier_number)
cross join months
where told.difference <> 0
    and (told.number_to is null or told.number_to > months.first_number)
