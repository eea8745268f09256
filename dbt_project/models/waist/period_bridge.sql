-- grain: one row per period, segment (and `all`) and value basis: customers and value from its opening to its closing
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
with flows as (
    {%- for basis in bases %}
    select
        period_kind, period_start, segment, movement, customers,
        '{{ basis }}' as value_basis,
        {{ basis }}_value as value
    from {{ ref('period_flow') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

segments as (
    select segment from {{ ref('segment_seen') }}
    union all
    select 'all' as segment
),

grid as (
    select periods.period_kind, periods.period_start, periods.is_provisional, segments.segment, bases.value_basis
    from {{ ref('calendar') }} as periods
    cross join segments
    cross join (values ('mrr'), ('annualised'), ('trailing_12m')) as bases (value_basis)
),

in_periods as (
    select
        grid.period_kind, grid.period_start, grid.is_provisional, grid.segment, grid.value_basis,
        {%- for movement in ['new', 'won_back', 'lost', 'transferred_in', 'transferred_out'] %}
        {{ customers_of(movement) }} as {{ movement }}_customers,
        {%- endfor %}
        cast({{ customers_of('merged') }} - {{ customers_of('split') }} as bigint) as merged_customers,
        {{ amount_of('transferred_in', 'split', 'taken_over') }} as transferred_in_value,
        {{ amount_of('transferred_out', 'merged', 'handed_over') }} as transferred_out_value,
        {%- for movement in ['new', 'won_back', 'lost', 'expansion', 'contraction', 'fx'] %}
        {{ amount_of(movement) }} as {{ movement }}_value{{ ',' if not loop.last }}
        {%- endfor %}
    from grid
    left join flows using (period_kind, period_start, segment, value_basis)
    group by grid.period_kind, grid.period_start, grid.is_provisional, grid.segment, grid.value_basis
),

first_opening as (
    select
        period_kind, segment, value_basis, cast(sum(customers) as bigint) as customers,
        cast(sum(value) as decimal(18, 4)) as value
    from flows
    where movement = 'opening'
    group by period_kind, segment, value_basis
),

netted as (
    select
        *,
        cast(new_customers + won_back_customers - lost_customers as bigint) as net_customers,
        cast(
            new_value + won_back_value + expansion_value - contraction_value - lost_value as decimal(18, 4)
        ) as net_value,
        transferred_in_customers - transferred_out_customers - merged_customers as other_customers,
        transferred_in_value - transferred_out_value + fx_value as other_value
    from in_periods
),

closed as (
    select
        netted.*,
        cast(
            coalesce(first_opening.customers, 0) + sum(net_customers + other_customers) over so_far as bigint
        ) as closing_customers,
        cast(
            coalesce(first_opening.value, 0) + sum(net_value + other_value) over so_far as decimal(18, 4)
        ) as closing_value
    from netted
    left join first_opening
        on netted.period_kind = first_opening.period_kind
        and netted.segment = first_opening.segment
        and netted.value_basis = first_opening.value_basis
    window so_far as (
        partition by netted.period_kind, netted.segment, netted.value_basis
        order by netted.period_start rows between unbounded preceding and current row
    )
),

opened as (
    select
        *,
        cast(closing_customers - net_customers - other_customers as bigint) as opening_customers,
        cast(closing_value - net_value - other_value as decimal(18, 4)) as opening_value
    from closed
)

select * from opened
