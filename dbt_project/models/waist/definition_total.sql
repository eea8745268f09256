-- grain: one row per definition and period: customers and value as it counts them, of the whole company
-- What a definition does not touch is as its anchor has it, so that only the rest is exchanged.
{%- set flows = ['new_customers', 'won_back_customers', 'lost_customers', 'closing_customers', 'closing_value'] %}
{%- set parts = [('definition_flow', 'closing_number', flows), ('definition_gone', 'period_kind, closing_number', ['gone_customers'])] %}
with
{% for part, when, sums in parts -%}
{{ part }}_summed as (
    select
        definition_number, {{ when }},
        {% for one in sums %}sum({{ one }}) as {{ one }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ ref(part) }}
    group by definition_number, {{ when }}
),

{{ part }}_of_touched as (
    select
        touched.definition_number, {{ when }},
        {% for one in sums %}sum({{ one }}) as {{ one }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ ref('definition') }} as definitions
    inner join {{ ref('definition_touch') }} as touched using (definition_number)
    inner join {{ ref(part) }} as flows
        on definitions.anchor_number = flows.definition_number
        and touched.customer_id = flows.customer_id
    where definitions.definition_number <> definitions.anchor_number
    group by touched.definition_number, {{ when }}
),

{{ part }}_exchanged as (
    select definitions.definition_number, {{ when }}, {{ sums | join(', ') }}
    from {{ ref('definition') }} as definitions
    inner join {{ part }}_summed as flows on flows.definition_number in (definitions.definition_number, definitions.anchor_number)
    union all
    select definition_number, {{ when }}, -{{ sums | join(', -') }}
    from {{ part }}_of_touched
),

{% endfor -%}
exchanged as (
    {%- for kind, months in [('month', 1), ('quarter', 3), ('year', 12)] %}
    select
        definition_number, '{{ kind }}' as period_kind, {{ closing_month('closing_number', months) }} as closing_number,
        {{ flows | join(', ') }}, 0 as gone_customers
    from definition_flow_exchanged
    cross join {{ ref('company') }} as company
    union all
    {%- endfor %}
    select definition_number, period_kind, closing_number, 0, 0, 0, 0, 0, gone_customers
    from definition_gone_exchanged
),

grid as (
    select
        definitions.definition_number, periods.period_kind, periods.period_start, periods.is_provisional,
        {{ month_number(add_days('periods.next_period_start', '-1')) }} as closing_number
    from {{ ref('definition') }} as definitions
    cross join {{ ref('calendar') }} as periods
),

in_periods as (
    select
        coalesce(grid.definition_number, flows.definition_number) as definition_number,
        coalesce(grid.period_kind, flows.period_kind) as period_kind,
        coalesce(grid.closing_number, flows.closing_number) as closing_number,
        grid.period_start, grid.is_provisional,
        {%- for flow in flows + ['gone_customers'] %}
        coalesce(sum(flows.{{ flow }}), 0) as {{ flow }}{{ ',' if not loop.last }}
        {%- endfor %}
    from grid
    full join exchanged as flows
        on grid.definition_number = flows.definition_number
        and grid.period_kind = flows.period_kind
        and grid.closing_number = flows.closing_number
    group by 1, 2, 3, 4, 5
),

closed as (
    select
        *,
        sum(closing_customers) over so_far as closing,
        sum(closing_value) over so_far as value_at_closing
    from in_periods
    window so_far as (
        partition by definition_number, period_kind order by closing_number
        rows between unbounded preceding and current row
    )
)

select
    definition_number, period_kind, period_start, is_provisional,
    cast(closing - closing_customers as bigint) as opening_customers,
    cast(new_customers as bigint) as new_customers,
    cast(won_back_customers as bigint) as won_back_customers,
    cast(lost_customers as bigint) as lost_customers,
    cast(new_customers + won_back_customers - lost_customers as bigint) as net_customers,
    cast(closing as bigint) as closing_customers,
    cast(closing - closing_customers - gone_customers as bigint) as kept_customers,
    cast(value_at_closing as decimal(18, 4)) as closing_value
from closed
where period_start is not null
