-- grain: one row per period, segment (and `all`) and value basis
with math as (
    select
        bridge.*,
        company.reporting_currency as currency,
        cast(bridge.opening_customers - coalesce(activity.opening_customers_lost, 0) as bigint) as kept_customers,
        lag(bridge.new_customers) over following as earlier_new_customers,
        rise.has_risen,
        bool_or(rise.has_risen is not null) over () as has_channels
    from {{ ref('period_bridge') }} as bridge
    cross join {{ ref('company') }} as company
    left join {{ ref('period_activity') }} as activity
        on bridge.period_kind = activity.period_kind
        and bridge.period_start = activity.period_start
        and bridge.segment = activity.segment
    left join {{ ref('channel_rise') }} as rise
        on bridge.period_kind = rise.period_kind
        and bridge.period_start = rise.period_start
        and bridge.segment = rise.segment
    window following as (
        partition by bridge.period_kind, bridge.segment, bridge.value_basis
        order by bridge.period_start
    )
),

compared as (
    select
        *,
        lag(kept_customers) over following as earlier_kept,
        lag(opening_customers) over following as earlier_opening
    from math
    window following as (partition by period_kind, segment, value_basis order by period_start)
)

select
    period_kind, period_start, segment, value_basis, currency,
    opening_customers, new_customers, won_back_customers, lost_customers,
    transferred_in_customers, transferred_out_customers, merged_customers,
    closing_customers, net_customers,
    opening_value, new_value, won_back_value, expansion_value, contraction_value, lost_value,
    transferred_in_value, transferred_out_value, fx_value, closing_value, net_value,
    cast(round(
        {{ divide_exact('new_value', 'lost_customers', 'lost_value', 'new_customers') }}, 6
    ) as decimal(18, 6)) as value_exchange_ratio,
    {{ ratio('least(new_customers, lost_customers)', 'new_customers') }} as replacement_share,
    net_customers >= 0 and net_value < 0 as is_value_shrinking_while_count_grows,
    case
        when not is_provisional and opening_customers > 0 and earlier_opening > 0
            then net_customers < 0 and kept_customers * earlier_opening >= earlier_kept * opening_customers
    end as is_rate_flattering,
    net_value > 0 and net_customers < 0 as is_revenue_masking_loss,
    case
        when not is_provisional and has_channels and earlier_new_customers is not null
            then coalesce(has_risen, false) and new_customers <= earlier_new_customers
    end as is_channel_flattering,
    net_customers > 0 and new_customers - lost_customers <= 0 as is_growth_only_won_back,
    1 as definition_version,
    is_provisional
from compared
