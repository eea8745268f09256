-- grain: one row per definition and period: customers and value as it counts them, of the whole company
-- What a definition does not touch is as its anchor has it, so that only the rest is exchanged.
{%- set flows = ['new_customers', 'won_back_customers', 'lost_customers', 'gone_customers', 'closing_customers', 'closing_value'] %}
with definitions as (
    select definition_number, anchor_number from {{ ref('definition') }}
),

summed as (
    select
        definition_number, period_kind, closing_number,
        {%- for flow in flows %}
        sum({{ flow }}) as {{ flow }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('definition_flow') }}
    group by definition_number, period_kind, closing_number
),

exchanged as (
    select definitions.definition_number, flows.period_kind, flows.closing_number, flows.{{ flows | join(', flows.') }}
    from definitions
    inner join summed as flows using (definition_number)
    union all
    select definitions.definition_number, flows.period_kind, flows.closing_number, flows.{{ flows | join(', flows.') }}
    from definitions
    inner join summed as flows on definitions.anchor_number = flows.definition_number
    where definitions.definition_number <> definitions.anchor_number
    union all
    select definitions.definition_number, flows.period_kind, flows.closing_number, -flows.{{ flows | join(', -flows.') }}
    from definitions
    inner join {{ ref('definition_touch') }} as touched using (definition_number)
    inner join {{ ref('definition_flow') }} as flows
        on definitions.anchor_number = flows.definition_number
        and touched.customer_id = flows.customer_id
    where definitions.definition_number <> definitions.anchor_number
),

grid as (
    select
        definitions.definition_number, periods.period_kind, periods.period_start, periods.is_provisional,
        {{ month_number(add_days('periods.next_period_start', '-1')) }} as closing_number
    from definitions
    cross join {{ ref('calendar') }} as periods
),

in_periods as (
    select
        coalesce(grid.definition_number, flows.definition_number) as definition_number,
        coalesce(grid.period_kind, flows.period_kind) as period_kind,
        coalesce(grid.closing_number, flows.closing_number) as closing_number,
        grid.period_start, grid.is_provisional,
        {%- for flow in flows %}
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
