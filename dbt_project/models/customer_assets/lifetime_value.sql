-- grain: one row per period and segment (and `all`)
-- Of the twelve months that had ended by the period's close. Where fewer customers leave than one in
-- `lifetime_horizon_months` a month, as many as that are taken to leave.
{%- set unit = 100000000 %}
with ended as (
    select
        grid.period_kind, grid.period_start, grid.segment, grid.is_provisional,
        company.reporting_currency as currency, company.lifetime_horizon_months,
        company.minimum_cell_size,
        -- the discount rate in whole units of its last digit
        cast(company.discount_rate_a_month * {{ unit }} as decimal(38, 0)) as discount,
        coalesce(months.months_observed, 0) as months_observed,
        coalesce(months.opening_customer_months, 0) as opening_customer_months,
        coalesce(months.opening_customers_lost, 0) as opening_customers_lost,
        coalesce(months.twice_the_customer_months, 0) as twice_the_customer_months,
        coalesce(months.revenue, 0) as revenue,
        case when months.segment is null then 0 else months.gross_profit end as gross_profit
    from {{ ref('period_bridge') }} as grid
    cross join {{ ref('company') }} as company
    inner join {{ ref('calendar') }} as periods
        on grid.period_kind = periods.period_kind
        and grid.period_start = periods.period_start
    left join {{ ref('trailing_profit') }} as months
        on grid.segment = months.segment
        and months.next_month_start = least(
            periods.next_period_start, {{ month_of(add_days('company.as_of_on', '1')) }}
        )
    where grid.value_basis = 'mrr'
),

judged as (
    select
        *,
        months_observed = 0 or twice_the_customer_months < 2 * minimum_cell_size * months_observed
            or opening_customer_months < minimum_cell_size as is_small_cell
    from ended
),

capped as (
    select
        *,
        cast(case when not is_small_cell then twice_the_customer_months end as decimal(38, 0)) as twice_shown,
        cast(case when not is_small_cell then opening_customer_months end as decimal(38, 0)) as opening_shown,
        opening_customers_lost * lifetime_horizon_months < opening_customer_months as stays_longer
    from judged
),

lived as (
    select
        *,
        cast(case when stays_longer then 1 else opening_customers_lost end as decimal(38, 0)) as leaving,
        cast(case when stays_longer then lifetime_horizon_months else opening_shown end as decimal(38, 0)) as of_customers
    from capped
)

select
    period_kind, period_start, segment, currency, months_observed,
    cast(twice_the_customer_months * cast(0.5 as decimal(2, 1)) as decimal(18, 4)) as trailing_customer_months,
    revenue as trailing_revenue, gross_profit as trailing_gross_profit, opening_customer_months, opening_customers_lost,
    {{ share_of_money('revenue', '2', 'twice_shown', 'currency') }} as revenue_a_customer_a_month,
    {{ ratio('gross_profit', 'case when twice_shown is not null and revenue > 0 then revenue end') }} as trailing_gross_margin,
    {{ ratio('opening_customers_lost', 'opening_shown') }} as monthly_churn_rate,
    {{ wilson_low('opening_customers_lost', 'opening_shown') }} as monthly_churn_rate_low,
    {{ wilson_high('opening_customers_lost', 'opening_shown') }} as monthly_churn_rate_high,
    case when twice_shown is not null then {{ ratio('of_customers', 'leaving') }} end as lifetime_months,
    {{ share_of_money('gross_profit', '2 * of_customers', 'twice_shown * leaving', 'currency') }} as simple_value,
    {{ share_of_money(
        'gross_profit', '2 * (of_customers - leaving) * ' ~ unit,
        'twice_shown * (discount * of_customers + leaving * ' ~ unit ~ ')', 'currency'
    ) }} as discounted_value,
    {{ share_of_money(
        'gross_profit', '2 * of_customers * (' ~ unit ~ ' + discount)',
        'twice_shown * (discount * of_customers + leaving * ' ~ unit ~ ')', 'currency'
    ) }} as immediate_value,
    case when twice_shown is not null then stays_longer end as is_capped,
    case when gross_profit is null then 'cost_rate direct_share' end as missing_source,
    is_small_cell,
    1 as definition_version,
    is_provisional
from lived
