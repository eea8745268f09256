-- grain: one row per definition (0: the one-company ledger), customer, kind of period and month at whose end it closes, where anything
-- of the customer changed
with company as (
    select * from {{ ref('company') }}
),

of_periods as (
    {%- for kind, months in [('month', 1), ('quarter', 3), ('year', 12)] %}
    select
        definition_number, customer_id, unit, '{{ kind }}' as period_kind,
        {{ closing_month('closing_number', months) }} as closing_number,
        min_by(was_active, closing_number) as was_active, max_by(is_active, closing_number) as is_active,
        cast(max_by(value, closing_number) - min_by(earlier_value, closing_number) as decimal(18, 4)) as value,
        sum(new_customers) as new_customers, sum(won_back_customers) as won_back_customers, sum(lost_customers) as lost_customers
    from {{ ref('definition_month') }} as of_months
    cross join company
    group by definition_number, customer_id, unit, {{ closing_month('closing_number', months) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

one_company as (
    {%- for kind in ['month', 'quarter', 'year'] %}
    select
        customer_id, '{{ kind }}' as period_kind, closing_number, was_active, is_active, cast(mrr - earlier_mrr as decimal(18, 4)) as value
    from {{ ref('state_at_' ~ kind ~ '_end') }}
    where was_active <> is_active or mrr <> earlier_mrr
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

moved as (
    select
        customer_id, periods.period_kind, {{ month_number(add_days('periods.next_period_start', '-1')) }} as closing_number,
        movement
    from {{ ref('movement') }} as movements
    inner join {{ ref('calendar') }} as periods
        on movements.moved_on >= periods.period_start
        and movements.moved_on < periods.next_period_start
    where movement in ('new', 'won_back', 'lost')
),

told as (
    select
        definition_number, customer_id, period_kind, closing_number, new_customers, won_back_customers, lost_customers,
        case when was_active and not is_active then 1 else 0 end as gone_customers,
        cast(is_active as integer) - cast(was_active as integer) as closing_customers, value as closing_value
    from of_periods
    union all
    select
        0, customer_id, period_kind, closing_number, 0, 0, 0, case when was_active and not is_active then 1 else 0 end,
        cast(is_active as integer) - cast(was_active as integer), value
    from one_company
    union all
    select
        0, customer_id, period_kind, closing_number, case movement when 'new' then 1 else 0 end,
        case movement when 'won_back' then 1 else 0 end, case movement when 'lost' then 1 else 0 end, 0, 0,
        cast(0 as decimal(18, 4))
    from moved
)

select
    definition_number, customer_id, period_kind, closing_number,
    {%- for measure in ['new', 'won_back', 'lost', 'gone', 'closing'] %}
    cast(sum({{ measure }}_customers) as bigint) as {{ measure }}_customers,
    {%- endfor %}
    cast(sum(closing_value) as decimal(18, 4)) as closing_value
from told
group by definition_number, customer_id, period_kind, closing_number
