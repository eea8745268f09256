-- grain: one row per period, segment held at the opening (and `all`) and value basis
{%- set cohort = ['opening_customers', 'kept_customers', 'opening_value', 'retained_value', 'protected_value'] %}
{%- set flows = ['new_value', 'won_back_value', 'expansion_value', 'contraction_value', 'lost_value'] %}
with first_month as (
    select min(period_start) as first_month_on from {{ ref('calendar') }} where period_kind = 'month'
),

placed as (
    select
        bridge.period_kind, bridge.period_start, bridge.segment, bridge.value_basis, bridge.is_provisional,
        {% for flow in flows %}bridge.{{ flow }}, {% endfor %}
        company.reporting_currency as currency,
        company.minimum_cell_size,
        {{ month_number('periods.next_period_start') }} - 1 as closing_number,
        -- of a period that is open, or in which history starts, a part is told: no twelve months end with it, and no year is like it
        not bridge.is_provisional and {{ add_months('periods.next_period_start', '-12') }} >= first_month.first_month_on
            as has_twelve_months,
        not bridge.is_provisional and coalesce(company.history_starts_on < bridge.period_start, true) as is_whole
    from {{ ref('period_bridge') }} as bridge
    inner join {{ ref('calendar') }} as periods
        on bridge.period_kind = periods.period_kind
        and bridge.period_start = periods.period_start
    cross join {{ ref('company') }} as company
    cross join first_month
),

held as (
    select
        placed.*,
        {%- for column in cohort %}
        {%- set type = 'bigint' if column.endswith('_customers') else 'decimal(18, 4)' %}
        cast(coalesce(of_period.{{ column }}, 0) as {{ type }}) as {{ column }},
        case when placed.has_twelve_months then cast(coalesce(of_year.{{ column }}, 0) as {{ type }}) end
            as {{ column }}_12m{{ ',' if not loop.last }}
        {%- endfor %}
    from placed
    left join {{ ref('held_cohort') }} as of_period
        on placed.period_kind = of_period.window_kind
        and placed.closing_number = of_period.closing_number
        and placed.segment = of_period.segment
        and placed.value_basis = of_period.value_basis
    left join {{ ref('held_cohort') }} as of_year
        on of_year.window_kind = 'twelve_months'
        and placed.closing_number = of_year.closing_number
        and placed.segment = of_year.segment
        and placed.value_basis = of_year.value_basis
),

-- of few customers no rate is told
sized as (
    select
        *,
        opening_customers < minimum_cell_size as is_small_cell,
        opening_customers_12m < minimum_cell_size as is_small_cell_12m,
        case when opening_customers >= minimum_cell_size then opening_customers end as of_customers,
        case when opening_customers >= minimum_cell_size then opening_value end as of_value,
        case when opening_customers_12m >= minimum_cell_size then opening_customers_12m end as of_customers_12m,
        case when opening_customers_12m >= minimum_cell_size then opening_value_12m end as of_value_12m
    from held
)

select
    period_kind, period_start, segment, value_basis, currency,
    {%- for months in ['', '_12m'] %}
    {%- set kept, of = 'kept_customers' ~ months, 'of_customers' ~ months %}
    {%- set lost = '(opening_customers' ~ months ~ ' - kept_customers' ~ months ~ ')' %}
    opening_customers{{ months }}, kept_customers{{ months }},
    cast({{ lost }} as bigint) as lost_of_opening{{ months }},
    {{ ratio(kept, of) }} as logo_retention{{ months }},
    {{ wilson_low(kept, of) }} as logo_retention{{ months }}_low,
    {{ wilson_high(kept, of) }} as logo_retention{{ months }}_high,
    {{ ratio(lost, of) }} as logo_churn{{ months }},
    {{ wilson_low(lost, of) }} as logo_churn{{ months }}_low,
    {{ wilson_high(lost, of) }} as logo_churn{{ months }}_high,
    {%- if not months %}
    case when is_whole then {{ annual_churn(kept, of, 'period_kind') }} end as annualised_logo_churn,
    {%- endif %}
    opening_value{{ months }}, retained_value{{ months }}, protected_value{{ months }},
    {{ ratio('retained_value' ~ months, 'of_value' ~ months) }} as net_revenue_retention{{ months }},
    {{ ratio('protected_value' ~ months, 'of_value' ~ months) }} as gross_revenue_retention{{ months }},
    is_small_cell{{ months }},
    {%- endfor %}
    {{ flows | join(', ') }},
    {{ ratio('(opening_value + expansion_value - contraction_value - lost_value)', 'of_value') }}
        as net_revenue_retention_by_movements,
    {{ ratio('(opening_value - contraction_value - lost_value)', 'of_value') }} as gross_revenue_retention_by_movements,
    {{ ratio('(new_value + expansion_value)', 'case when not is_small_cell then contraction_value + lost_value end') }}
        as quick_ratio,
    {{ ratio(
        '(new_value + won_back_value + expansion_value)', 'case when not is_small_cell then contraction_value + lost_value end'
    ) }} as quick_ratio_incl_won_back,
    1 as definition_version,
    is_provisional
from sized
