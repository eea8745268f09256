-- grain: one row per definition (0: the one-company ledger), customer, kind of period and month at whose end it closes, where anything
-- of the customer changed
{%- set flows = ['new_customers', 'won_back_customers', 'lost_customers'] %}
with company as (
    select * from {{ ref('company') }}
),

of_units as (
    select
        definition_number, customer_id, 'month' as period_kind, closing_number, active_change, value_change, {{ flows | join(', ') }}
    from {{ ref('definition_month') }}
    {%- for kind, months in [('quarter', 3), ('year', 12)] %}
    union all
    select
        definition_number, customer_id, '{{ kind }}' as period_kind, {{ closing_month('closing_number', months) }} as closing_number,
        sum(active_change) as active_change, sum(value_change) as value_change
        {%- for flow in flows %},
        sum({{ flow }}) as {{ flow }}
        {%- endfor %}
    from {{ ref('definition_month') }}
    cross join company
    group by definition_number, customer_id, unit, {{ closing_month('closing_number', months) }}
    {%- endfor %}
),

one_company as (
    {%- for kind in ['month', 'quarter', 'year'] %}
    select
        customer_id, '{{ kind }}' as period_kind, closing_number, cast(is_active as integer) - cast(was_active as integer) as active_change,
        cast(mrr - earlier_mrr as decimal(18, 4)) as value_change
    from {{ ref('state_at_' ~ kind ~ '_end') }}
    where was_active <> is_active or mrr <> earlier_mrr
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

moved as (
    select
        movements.customer_id, periods.period_kind, {{ month_number(add_days('periods.next_period_start', '-1')) }} as closing_number,
        movements.movement
    from {{ ref('movement') }} as movements
    inner join {{ ref('calendar') }} as periods
        on movements.moved_on >= periods.period_start
        and movements.moved_on < periods.next_period_start
    where movements.movement in ('new', 'won_back', 'lost')
),

told as (
    select definition_number, customer_id, period_kind, closing_number, active_change, value_change, {{ flows | join(', ') }}
    from of_units
    union all
    select 0, customer_id, period_kind, closing_number, active_change, value_change, 0, 0, 0
    from one_company
    union all
    select
        0, customer_id, period_kind, closing_number, 0, cast(0 as decimal(18, 4)), case movement when 'new' then 1 else 0 end,
        case movement when 'won_back' then 1 else 0 end, case movement when 'lost' then 1 else 0 end
    from moved
)

select
    definition_number, customer_id, period_kind, closing_number,
    {%- for flow in flows %}
    cast(sum({{ flow }}) as bigint) as {{ flow }},
    {%- endfor %}
    -- units that were active at the opening and are not at the closing
    cast(count(*) filter (where active_change < 0) as bigint) as gone_customers,
    cast(sum(active_change) as bigint) as closing_customers,
    cast(sum(value_change) as decimal(18, 4)) as closing_value
from told
group by definition_number, customer_id, period_kind, closing_number
