-- grain: one row per definition (0: the one-company ledger), customer, kind of period and month at whose end it closes, where units of the
-- customer that were active at the opening are not at the closing
-- All else of a quarter or year is the sum of its months; who left and came back within it is gone in a month, and not in the year.
with changed as (
    select definition_number, customer_id, unit, closing_number, active_change
    from {{ ref('definition_month') }}
    where active_change <> 0
    union all
    select 0, customer_id, customer_id, closing_number, cast(is_active as integer) - cast(was_active as integer)
    from {{ ref('state_at_month_end') }}
    where was_active <> is_active
),

of_units as (
    {%- for kind, months in [('month', 1), ('quarter', 3), ('year', 12)] %}
    select
        changed.definition_number, changed.customer_id, '{{ kind }}' as period_kind,
        {{ closing_month('changed.closing_number', months) }} as closing_number
    from changed
    cross join {{ ref('company') }} as company
    group by changed.definition_number, changed.customer_id, changed.unit, {{ closing_month('changed.closing_number', months) }}
    having sum(changed.active_change) < 0
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select definition_number, customer_id, period_kind, closing_number, cast(count(*) as bigint) as gone_customers
from of_units
group by definition_number, customer_id, period_kind, closing_number
