-- grain: one row per fiscal year and segment (and `all`)
{%- set origins = ['retained', 'earned', 'bought', 'unattributed', 'won_back'] %}
with summed as (
    select
        period_start,
        case when grouping(segment) = 1 then 'all' else segment end as segment,
        cast(count(case when last_year > 0 then 1 end) as bigint) as last_year_customers,
        cast(sum(last_year) as decimal(18, 4)) as last_year_revenue,
        cast(sum(this_year) as decimal(18, 4)) as this_year_revenue{% for origin in origins %},
        cast(sum(case when origin = '{{ origin }}' then this_year else 0 end) as decimal(18, 4)) as {{ origin }}{% endfor %}
    from {{ ref('customer_year') }}
    group by grouping sets ((period_start, segment), (period_start))
),

segments as (
    select segment from {{ ref('segment_seen') }}
    union all
    select 'all' as segment
),

grid as (
    select periods.*, segments.segment, company.reporting_currency as currency, company.minimum_cell_size
    from {{ ref('calendar') }} as periods
    cross join segments
    cross join {{ ref('company') }} as company
    where periods.period_kind = 'year'
),

compared as (
    select
        grid.*,
        years.counted_to,
        case when years.period_start is not null then coalesce(summed.last_year_customers, 0) end as last_year_customers,
        case when years.period_start is not null then coalesce(summed.last_year_revenue, 0) end as last_year_revenue,
        case when years.period_start is not null then coalesce(summed.this_year_revenue, 0) end as this_year_revenue
        {%- for origin in origins %},
        case when years.period_start is not null then coalesce(summed.{{ origin }}, 0) end as {{ origin }}
        {%- endfor %}
    from grid
    left join {{ ref('compared_year') }} as years on grid.period_start = years.period_start
    left join summed
        on grid.period_start = summed.period_start
        and grid.segment = summed.segment
),

judged as (
    select
        *,
        last_year_customers < minimum_cell_size as is_small_cell,
        case when last_year_customers >= minimum_cell_size and last_year_revenue > 0 then last_year_revenue end as base
    from compared
)

select
    period_kind, period_start, segment, currency, counted_to,
    last_year_customers, last_year_revenue, this_year_revenue,
    retained as retained_revenue,
    earned as earned_new_revenue,
    bought as bought_new_revenue,
    unattributed as unattributed_new_revenue,
    won_back as won_back_revenue,
    {{ ratio('this_year_revenue - last_year_revenue', 'base') }} as revenue_growth_rate,
    {{ ratio('retained', 'base') }} as nrr_revenue_yoy,
    {{ ratio('earned', 'base') }} as earned_new_rate,
    {{ ratio('bought', 'base') }} as bought_new_rate,
    {{ ratio('unattributed', 'base') }} as unattributed_new_rate,
    {{ ratio('won_back', 'base') }} as won_back_rate,
    {{ ratio('retained + earned - last_year_revenue', 'base') }} as earned_growth_rate_lower,
    {{ ratio('retained + earned + unattributed - last_year_revenue', 'base') }} as earned_growth_rate_upper,
    {{ ratio(
        'retained + earned - last_year_revenue',
        'case when base < this_year_revenue then this_year_revenue - last_year_revenue end'
    ) }} as earned_growth_ratio,
    case
        when counted_to is null then 'revenue of both years'
    end as missing_source,
    is_small_cell,
    1 as definition_version,
    is_provisional
from judged
