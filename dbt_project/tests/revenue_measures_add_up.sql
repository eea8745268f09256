-- A failing row is a row of a measure of revenue that stands twice, or does not add up.
-- Guards that no revenue, cost or customer is counted twice or lost between origins, segments, months and tables.
with growth as (
    select * from {{ ref('earned_growth') }}
),

profit as (
    select * from {{ ref('group_profit') }}
),

twice as (
    {%- for model in ['earned_growth', 'referrals', 'group_profit', 'lifetime_value'] %}
    select '{{ model }}' as measured, period_kind, period_start, segment, 'stands twice' as wrong
    from {{ ref(model) }}
    group by period_kind, period_start, segment
    having count(*) > 1
    union all
    {%- endfor %}
    select 'earned_growth' as measured, period_kind, period_start, segment, 'origins do not add up to the year' as wrong
    from growth
    where retained_revenue + earned_new_revenue + bought_new_revenue + unattributed_new_revenue + won_back_revenue
        <> this_year_revenue
        or earned_growth_rate_lower > earned_growth_rate_upper and unattributed_new_revenue >= 0
        or (counted_to is null) <> (missing_source is not null)
    union all
    select 'group_profit' as measured, period_kind, period_start, segment, 'revenue less costs is not contribution' as wrong
    from profit
    where revenue - direct_cost - cost_to_serve is distinct from contribution
        or (contribution is null) <> (missing_source is not null)
    union all
    select 'referrals' as measured, period_kind, period_start, segment, 'a part is more than the whole' as wrong
    from {{ ref('referrals') }}
    where referred_customers > new_customers_with_source or new_customers_with_source > new_customers
        or referrers > closing_customers
    union all
    select 'lifetime_value' as measured, period_kind, period_start, segment, 'a part is more than the whole' as wrong
    from {{ ref('lifetime_value') }}
    where opening_customers_lost > opening_customer_months
        or discounted_value > immediate_value and trailing_gross_profit >= 0
        or simple_value < immediate_value and trailing_gross_profit >= 0
    union all
    select 'group_profit' as measured, period_kind, period_start, 'all' as segment, 'segments do not add up to all' as wrong
    from profit
    group by period_kind, period_start
    having sum(case when segment = 'all' then revenue else -revenue end) <> 0
        or sum(case when segment = 'all' then customer_months else -customer_months end) <> 0
        or sum(case when segment = 'all' then tickets else -tickets end) <> 0
    union all
    select 'earned_growth' as measured, period_kind, period_start, 'all' as segment, 'segments do not add up to all' as wrong
    from growth
    group by period_kind, period_start
    having sum(case when segment = 'all' then this_year_revenue else -this_year_revenue end) <> 0
        or sum(case when segment = 'all' then last_year_revenue else -last_year_revenue end) <> 0
        or sum(case when segment = 'all' then last_year_customers else -last_year_customers end) <> 0
    union all
    -- of a whole year, whose first month is there, both tables tell of the same revenue
    select 'earned_growth' as measured, growth.period_kind, growth.period_start, growth.segment, 'not the revenue of group_profit'
    from growth
    inner join profit as years
        on growth.period_kind = years.period_kind
        and growth.period_start = years.period_start
        and growth.segment = years.segment
    semi join {{ ref('calendar') }} as months on growth.period_start = months.period_start and months.period_kind = 'month'
    where growth.segment = 'all' and not growth.is_provisional
        and growth.this_year_revenue <> years.revenue
)

select * from twice
