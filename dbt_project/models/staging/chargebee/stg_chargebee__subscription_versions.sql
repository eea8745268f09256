-- grain: one row per good version of a subscription: what it cost, and between which moments it ran as far as was known
with versions as (
    select
        *,
        {{ chargebee_term_amount() }} as term_amount,
        coalesce(started_at, start_date, created_at) as begun_at,
        {{ chargebee_after('trial_end') }} as trial_ends_at,
        -- an extract of which no record has a start was exported without that column; then earlier ones may tell of what came next
        max(started_at) over (partition by _batch_id) is not null
        or min(case status when 'future' then 1 when 'cancelled' then 2 else 0 end) over (
            partition by _system, id order by _extracted_at, updated_at nulls first, _batch_order, _record
        ) = 1 as tells_a_start
    from {{ record_history('chargebee', 'subscriptions') }}
),

priced as (
    select
        versions.*,
        net_shares.net_share,
        billing_period_unit is not null and term_amount is not null as has_term
    from versions
    left join {{ ref('stg_chargebee__net_shares') }} as net_shares
        on versions._system = net_shares.system
        and versions.id = net_shares.subscription_id
),

stated as (
    select
        _system as system,
        id as subscription_id,
        customer_id,
        status,
        -- a month of nothing is what is left of a price once nothing runs
        {{ minor_to_major('case when has_term then ' ~ without_tax('term_amount', 'net_share') ~ ' when mrr > 0 then mrr end',
            'currency_code') }} as amount,
        currency_code as currency,
        case when has_term then billing_period_unit else 'month' end as interval,
        cast(case when has_term then coalesce(billing_period, 1) else 1 end as int) as interval_count,
        -- its own figure of a month is after discounts already
        case when has_term then coupons end as coupons,
        case when has_term then discounts end as discounts,
        case when has_term then subscription_items end as items,
        coalesce(trial_start, begun_at) as trial_starts_at,
        trial_ends_at,
        greatest(begun_at, trial_ends_at) as pays_from,
        coalesce(activated_at, greatest(begun_at, trial_ends_at)) as activated_at,
        -- one yet to come that was called off
        status = 'cancelled' and coalesce(activated_at, started_at) is null and tells_a_start as is_never_begun,
        case
            when status in ('cancelled', 'transferred') then coalesce({{ chargebee_after('cancelled_at') }}, updated_at, _extracted_at)
            when status = 'non_renewing' then {{ chargebee_after('coalesce(cancelled_at, current_term_end)') }}
            when status = 'paused' then coalesce({{ chargebee_after('pause_date') }}, updated_at, _extracted_at)
        end as stops_at,
        cancel_schedule_created_at as cancel_requested_at,
        coalesce(cancel_reason_code, cancel_reason) as cancel_reason,
        coalesce(deleted, false) as is_deleted,
        updated_at, _extracted_at as known_at, _batch_order as batch_order, _batch_id as batch_id, _record as record
    from priced
)

select * from stated
