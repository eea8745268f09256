-- grain: one row per period and segment (and `all`)
with arrivals as (
    select
        periods.period_kind,
        periods.period_start,
        case when grouping(movements.segment) = 1 then 'all' else movements.segment end as segment,
        count(*) as new_customers,
        count(case when origins.is_known then 1 end) as new_customers_with_source,
        count(case when origins.is_referred then 1 end) as referred_customers
    from {{ ref('movement') }} as movements
    left join {{ ref('customer_origin') }} as origins on movements.customer_id = origins.customer_id
    inner join {{ ref('calendar') }} as periods
        on movements.moved_on >= periods.period_start
        and movements.moved_on < periods.next_period_start
    where movements.movement = 'new'
    group by grouping sets (
        (periods.period_kind, periods.period_start, movements.segment), (periods.period_kind, periods.period_start)
    )
),

recommending as (
    select
        period_kind,
        period_start,
        case when grouping(segment) = 1 then 'all' else segment end as segment,
        count(*) as referrers
    from {{ ref('active_referrer') }}
    group by grouping sets ((period_kind, period_start, segment), (period_kind, period_start))
),

counted as (
    select
        bridge.period_kind,
        bridge.period_start,
        bridge.segment,
        bridge.is_provisional,
        company.minimum_cell_size,
        cast(coalesce(arrivals.new_customers, 0) as bigint) as new_customers,
        cast(coalesce(arrivals.new_customers_with_source, 0) as bigint) as new_customers_with_source,
        cast(coalesce(arrivals.referred_customers, 0) as bigint) as referred_customers,
        cast(coalesce(recommending.referrers, 0) as bigint) as referrers,
        bridge.closing_customers
    from {{ ref('period_bridge') }} as bridge
    cross join {{ ref('company') }} as company
    left join arrivals
        on bridge.period_kind = arrivals.period_kind
        and bridge.period_start = arrivals.period_start
        and bridge.segment = arrivals.segment
    left join recommending
        on bridge.period_kind = recommending.period_kind
        and bridge.period_start = recommending.period_start
        and bridge.segment = recommending.segment
    where bridge.value_basis = 'mrr'
),

judged as (
    select
        *,
        case when new_customers_with_source >= minimum_cell_size then new_customers_with_source end as asked,
        case when closing_customers >= minimum_cell_size then closing_customers end as able
    from counted
)

select
    period_kind, period_start, segment,
    new_customers, new_customers_with_source, referred_customers,
    {{ ratio('referred_customers', 'asked') }} as referral_rate,
    {{ wilson_low('referred_customers', 'asked') }} as referral_rate_low,
    {{ wilson_high('referred_customers', 'asked') }} as referral_rate_high,
    closing_customers, referrers,
    {{ ratio('referrers', 'able') }} as referrer_rate,
    {{ wilson_low('referrers', 'able') }} as referrer_rate_low,
    {{ wilson_high('referrers', 'able') }} as referrer_rate_high,
    new_customers_with_source < minimum_cell_size or closing_customers < minimum_cell_size as is_small_cell,
    1 as definition_version,
    is_provisional
from judged
