-- grain: one row per period and handoff from one stage of the journey to the next (and `all`) for which anybody's stage closed green
with handoffs as (
    select from_stage, to_stage, within_days, customer_id, closed_on, outcome, is_lost, yearly_value
    from {{ ref('stage_handoff') }}
    union all
    select
        'all' as from_stage, 'all' as to_stage, cast(null as bigint) as within_days, customer_id, closed_on, outcome,
        is_lost, yearly_value
    from {{ ref('stage_handoff') }}
),

customers as (
    select
        periods.period_kind, periods.period_start, periods.is_provisional,
        handoffs.from_stage, handoffs.to_stage, handoffs.within_days, handoffs.customer_id,
        bool_or(handoffs.outcome <> 'open') as is_decided,
        bool_or(handoffs.outcome = 'open') as is_open,
        bool_or(handoffs.is_lost) as is_lost,
        {%- for outcome in ['late', 'failed', 'missing'] %}
        bool_or(handoffs.outcome = '{{ outcome }}') as is_{{ outcome }},
        {%- endfor %}
        min_by(handoffs.yearly_value, handoffs.closed_on) filter (where handoffs.is_lost) as value
    from handoffs
    inner join {{ ref('calendar') }} as periods
        on handoffs.closed_on >= periods.period_start
        and handoffs.closed_on < periods.next_period_start
    group by all
),

counted as (
    select
        period_kind, period_start, from_stage, to_stage, within_days,
        bool_or(is_provisional or is_open) as is_provisional,
        cast(count(*) as bigint) as green_customers,
        cast(count(case when is_decided then 1 end) as bigint) as decided_customers,
        cast(count(case when is_lost then 1 end) as bigint) as handoff_loss_customers,
        {%- for outcome in ['late', 'failed', 'missing'] %}
        cast(count(case when is_{{ outcome }} then 1 end) as bigint) as {{ outcome }}_customers,
        {%- endfor %}
        cast(coalesce(sum(value), 0) as decimal(18, 4)) as handoff_loss_value
    from customers
    group by period_kind, period_start, from_stage, to_stage, within_days
),

judged as (
    select
        counted.*,
        company.reporting_currency as currency,
        counted.decided_customers < greatest(company.minimum_cell_size, 1) as is_small_cell,
        closing.owner as from_owner,
        following.owner as to_owner
    from counted
    cross join {{ ref('company') }} as company
    left join {{ source('reference', 'journey_stage') }} as closing on counted.from_stage = closing.stage
    left join {{ source('reference', 'journey_stage') }} as following on counted.to_stage = following.stage
)

select
    period_kind, period_start, from_stage, to_stage, from_owner, to_owner, within_days, currency,
    green_customers, decided_customers, handoff_loss_customers, late_customers, failed_customers, missing_customers,
    case when not is_small_cell then {{ ratio('handoff_loss_customers', 'decided_customers') }} end as handoff_loss_rate,
    case when not is_small_cell then {{ wilson_low('handoff_loss_customers', 'decided_customers') }} end as handoff_loss_rate_low,
    case when not is_small_cell then {{ wilson_high('handoff_loss_customers', 'decided_customers') }} end as handoff_loss_rate_high,
    is_small_cell,
    handoff_loss_value,
    1 as definition_version,
    is_provisional
from judged
