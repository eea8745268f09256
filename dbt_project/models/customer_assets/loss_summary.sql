-- grain: one row per period, segment (and `all`) and value basis: who was lost by kind of loss, and how often the reason is known
{%- set kinds = ['voluntary', 'involuntary', 'uncontrollable', 'unknown'] %}
with losses as (
    select
        reasons.period_kind, reasons.period_start, reasons.segment, reasons.reason, reasons.loss_kind,
        reasons.lost_customers, bases.value_basis,
        case bases.value_basis
            when 'mrr' then reasons.mrr_value when 'annualised' then reasons.annualised_value
            else reasons.trailing_12m_value
        end as lost_value
    from {{ ref('loss_reasons') }} as reasons
    cross join (values ('mrr'), ('annualised'), ('trailing_12m')) as bases (value_basis)
),

by_kind as (
    select
        period_kind, period_start, segment, value_basis
        {%- for kind in kinds %},
        sum(lost_customers) filter (where loss_kind = '{{ kind }}') as {{ kind }}_customers,
        sum(lost_value) filter (where loss_kind = '{{ kind }}') as {{ kind }}_value
        {%- endfor %},
        sum(lost_customers) filter (where reason <> 'unknown') as known_customers
    from losses
    group by period_kind, period_start, segment, value_basis
),

dense as (
    select
        bridge.period_kind, bridge.period_start, bridge.segment, bridge.value_basis, bridge.is_provisional,
        company.reporting_currency as currency,
        bridge.lost_customers,
        bridge.lost_value
        {%- for kind in kinds %},
        cast(coalesce(by_kind.{{ kind }}_customers, 0) as bigint) as {{ kind }}_lost_customers,
        cast(coalesce(by_kind.{{ kind }}_value, 0) as decimal(18, 4)) as {{ kind }}_lost_value
        {%- endfor %},
        cast(coalesce(by_kind.known_customers, 0) as bigint) as known_reason_customers,
        bridge.lost_customers < company.minimum_cell_size as is_small_cell
    from {{ ref('period_bridge') }} as bridge
    cross join {{ ref('company') }} as company
    left join by_kind
        on bridge.period_kind = by_kind.period_kind
        and bridge.period_start = by_kind.period_start
        and bridge.segment = by_kind.segment
        and bridge.value_basis = by_kind.value_basis
)

select
    period_kind, period_start, segment, value_basis, currency,
    lost_customers, voluntary_lost_customers, involuntary_lost_customers, uncontrollable_lost_customers,
    unknown_lost_customers, known_reason_customers,
    case when not is_small_cell then {{ ratio('known_reason_customers', 'lost_customers') }} end as reason_coverage,
    case when not is_small_cell then {{ wilson_low('known_reason_customers', 'lost_customers') }} end as reason_coverage_low,
    case when not is_small_cell then {{ wilson_high('known_reason_customers', 'lost_customers') }} end as reason_coverage_high,
    is_small_cell,
    lost_value, voluntary_lost_value, involuntary_lost_value, uncontrollable_lost_value, unknown_lost_value,
    1 as definition_version,
    is_provisional
from dense
