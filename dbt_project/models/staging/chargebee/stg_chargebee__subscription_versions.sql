-- grain: one row per good version of a subscription: what it cost, and between which moments it ran as far as was known
with versions as (
    select
        *,
        coalesce(
            {{ chargebee_items_amount('subscription_items') }},
            plan_amount + coalesce({{ chargebee_items_amount('addons') }}, 0)
        ) as term_amount,
        coalesce(started_at, start_date, created_at) as begun_at
    from {{ record_history('chargebee', 'subscriptions') }}
),

priced as (
    select
        *,
        billing_period_unit is not null and term_amount is not null as has_term
    from versions
),

stated as (
    select
        _system as system,
        id as subscription_id,
        customer_id,
        status,
        -- a month of nothing is what is left of a price once nothing runs
        {{ minor_to_major('case when has_term then term_amount when mrr > 0 then mrr end', 'currency_code') }} as amount,
        currency_code as currency,
        case when has_term then billing_period_unit else 'month' end as interval,
        cast(case when has_term then coalesce(billing_period, 1) else 1 end as int) as interval_count,
        -- its own figure of a month is after discounts already
        case when has_term then coupons end as coupons,
        case when has_term then discounts end as discounts,
        coalesce(trial_start, begun_at) as trial_starts_at,
        trial_end as trial_ends_at,
        greatest(begun_at, trial_end) as pays_from,
        coalesce(activated_at, greatest(begun_at, trial_end)) as activated_at,
        case
            when status in ('cancelled', 'transferred') then coalesce(cancelled_at, updated_at, _extracted_at)
            when status = 'non_renewing' then coalesce(cancelled_at, current_term_end)
            when status = 'paused' then coalesce(pause_date, updated_at, _extracted_at)
        end as stops_at,
        cancel_schedule_created_at as cancel_requested_at,
        coalesce(cancel_reason_code, cancel_reason) as cancel_reason,
        coalesce(deleted, false) as is_deleted,
        updated_at, _extracted_at as known_at, _batch_order as batch_order, _batch_id as batch_id, _record as record
    from priced
)

select * from stated
