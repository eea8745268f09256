-- grain: one row per period, grouping, group at the opening, group at the close and value basis, where anybody went that way
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
with bands as (
    select band_number, value_band from {{ ref('value_band') }}
),

held as (
    select
        periods.period_kind, periods.period_start, periods.is_provisional,
        told.came, told.went, told.opening_segment, told.closing_segment,
        -- who is worth less than the lowest band begins with is below them all
        coalesce(opened_in.value_band, 'below_bands') as opening_band,
        coalesce(closed_in.value_band, 'below_bands') as closing_band,
        told.opening_customers, told.closing_customers,
        {% for basis in bases %}told.{{ basis }}_opening, told.{{ basis }}_closing{{ ', ' if not loop.last }}{% endfor %}
    from {{ ref('held_between') }} as told
    inner join {{ ref('calendar') }} as periods
        on told.window_kind = periods.period_kind
        and told.closing_number = {{ month_number('periods.next_period_start') }} - 1
    left join bands as opened_in on told.opening_band = opened_in.band_number
    left join bands as closed_in on told.closing_band = closed_in.band_number
),

groupings as (
    select 'segment' as grouping_name, count(*) >= 0 as is_kept from bands
    union all
    select 'value_band' as grouping_name, count(*) > 0 as is_kept from bands
),

summed as (
    select
        held.period_kind,
        held.period_start,
        groupings.grouping_name,
        coalesce(
            held.came, case groupings.grouping_name when 'segment' then held.opening_segment else held.opening_band end
        ) as from_group,
        coalesce(
            held.went, case groupings.grouping_name when 'segment' then held.closing_segment else held.closing_band end
        ) as to_group,
        bases.value_basis,
        cast(sum(held.opening_customers) as bigint) as opening_customers,
        cast(sum(held.closing_customers) as bigint) as closing_customers,
        {%- for side in ['opening', 'closing'] %}
        cast(sum(case bases.value_basis
            {%- for basis in bases %} when '{{ basis }}' then held.{{ basis }}_{{ side }}{% endfor %}
        end) as decimal(18, 4)) as {{ side }}_value,
        {%- endfor %}
        held.is_provisional
    from held
    cross join groupings
    cross join (values ('mrr'), ('annualised'), ('trailing_12m')) as bases (value_basis)
    where groupings.is_kept
    group by all
)

select
    period_kind, period_start, grouping_name, from_group, to_group, value_basis,
    (select reporting_currency from {{ ref('company') }}) as currency,
    greatest(opening_customers, closing_customers) as customers,
    opening_customers, closing_customers, opening_value, closing_value,
    1 as definition_version, is_provisional
from summed
-- what was told of customers by themselves and then as one with others leaves nothing behind
where opening_customers <> 0 or closing_customers <> 0
