-- grain: one row per period and customer that is active at its close and recommended us to somebody who came in the period
with company as (
    select * from {{ ref('company') }}
),

converted as (
    select distinct
        periods.period_kind,
        periods.period_start,
        least({{ add_days('periods.next_period_start', '-1') }}, company.as_of_on) as closes_on,
        referrals.referrer_customer_id,
        referrals.referrer_mover
    from {{ ref('movement') }} as movements
    cross join company
    inner join {{ ref('referral') }} as referrals on movements.customer_id = referrals.customer_id
    inner join {{ ref('calendar') }} as periods
        on movements.moved_on >= periods.period_start
        and movements.moved_on < periods.next_period_start
    where movements.movement = 'new'
        and referrals.referrer_customer_id is not null
),

at_close as (
    select distinct
        converted.period_kind, converted.period_start, converted.closes_on,
        coalesce(stays.customer_id, converted.referrer_customer_id) as customer_id
    from converted
    {{ join_stays('converted.referrer_mover', 'converted.closes_on') }}
),

states as (
    select
        at_close.period_kind, at_close.period_start, at_close.customer_id,
        ledger.segment, ledger.is_active,
        {{ days_between("date '1900-01-01'", 'ledger.day') }} * 10 + ledger.step as nth
    from {{ ref('ledger') }} as ledger
    inner join at_close
        on ledger.customer_id = at_close.customer_id
        and ledger.day <= at_close.closes_on
),

last_states as (
    select
        period_kind, period_start, customer_id,
        max_by(segment, nth) as segment,
        max_by(is_active, nth) as is_active
    from states
    group by period_kind, period_start, customer_id
)

select period_kind, period_start, customer_id, segment
from last_states
where is_active
