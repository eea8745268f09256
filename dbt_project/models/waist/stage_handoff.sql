-- grain: one row per customer and event that closed a stage of the journey green, with what came of the stage after it
-- A stage closes with the last of its events before the next stage, or with one that nothing follows in the days allowed.
with stages as (
    select
        stage as from_stage,
        lead(stage) over (order by position) as to_stage,
        next_within_days as within_days
    from {{ source('reference', 'journey_stage') }}
),

-- each pair of stages looks at the events of both
roles as (
    select from_stage as stage, from_stage, to_stage, within_days, 'from' as role from stages
    where to_stage is not null and within_days is not null
    union all
    select to_stage as stage, from_stage, to_stage, within_days, 'to' as role from stages
    where to_stage is not null and within_days is not null
),

events as (
    select
        parties.customer_id, parties.mover, events.occurred_at, {{ company_day('events.occurred_at') }} as day,
        events.is_conforming, events.vendor, events.system, events.source_ref, touchpoints.stage,
        events.minutes > touchpoints.promised_minutes as is_late
    from {{ ref('touchpoint_event') }} as events
    inner join {{ source('reference', 'touchpoint') }} as touchpoints on events.touchpoint = touchpoints.touchpoint
    inner join {{ ref('party') }} as parties
        on events.vendor = parties.vendor
        and events.system = parties.system
        and events.party_object = parties.object
        and events.party_ref = parties.source_ref
),

met as (
    select
        coalesce(stays.customer_id, events.customer_id) as customer_id, events.occurred_at, events.day,
        events.is_conforming, coalesce(events.is_late, false) as is_late, events.vendor, events.system,
        events.source_ref, roles.from_stage, roles.to_stage, roles.within_days, roles.role
    from events
    {{ join_stays('events.mover', 'events.day') }}
    inner join roles on events.stage = roles.stage
    cross join {{ ref('company') }} as company
    where events.day <= company.as_of_on
),

followed as (
    select
        met.*,
        {{ add_days('day', 'within_days') }} as due_on,
        lead(role) over following as next_role,
        lead(day) over following as next_day,
        lead(is_conforming) over following as is_next_conforming,
        lead(is_late) over following as is_next_late
    from met
    semi join (select distinct customer_id from {{ ref('movement') }}) as customers
        on met.customer_id = customers.customer_id
    window following as (
        partition by customer_id, from_stage order by occurred_at, role, vendor, system, source_ref
    )
),

closed as (
    select
        customer_id, from_stage, to_stage, within_days, day as closed_on, vendor, system, source_ref,
        case
            when next_role = 'to' and next_day <= due_on and not is_next_conforming then 'failed'
            when next_role = 'to' and next_day <= due_on and is_next_late then 'late'
            when next_role = 'to' and next_day <= due_on then 'kept'
            when due_on <= company.as_of_on then 'missing'
            else 'open'
        end as outcome
    from followed
    cross join {{ ref('company') }} as company
    where role = 'from' and is_conforming
        and (next_role = 'to' or next_day is null or next_day > due_on)
)

select
    closed.*,
    closed.outcome in ('late', 'failed', 'missing') as is_lost,
    {{ yearly_value('ledger.annualised_after', 'ledger.trailing_12m_after') }} as yearly_value
from closed
left join {{ ref('ledger') }} as ledger
    on closed.customer_id = ledger.customer_id
    and ledger.day <= closed.closed_on
qualify row_number() over (
    partition by closed.vendor, closed.system, closed.source_ref, closed.from_stage order by ledger.day desc nulls last, ledger.step desc
) = 1
