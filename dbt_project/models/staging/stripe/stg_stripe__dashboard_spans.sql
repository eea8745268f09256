-- grain: one row per subscription that only the dashboard's own export names
-- The dashboard keeps no history: the amount of today is taken to have held since payment began, provisionally.
with

subscriptions as (select * from {{ accepted_records('stripe', 'dashboard_subscriptions') }} as accepted),

payments as (select * from {{ accepted_records('stripe', 'payments') }} as accepted),

known as (select subscription_id from {{ ref('stg_stripe__subscriptions') }}),

-- Older files leave the currency out; the customer's payments tell it.
paid as (
    select customer_id, upper(currency) as currency, count(*) as payments
    from payments
    where customer_id is not null
    group by customer_id, upper(currency)
),

currencies as (
    select customer_id, currency
    from paid
    qualify row_number() over (partition by customer_id order by payments desc, currency nulls last) = 1
),

stated as (
    select
        subscriptions.*,
        lower(subscriptions.status) as state,
        coalesce(upper(subscriptions.currency), currencies.currency) as known_currency,
        coalesce(subscriptions.start_date, subscriptions.created) as started_at
    from subscriptions
    left join currencies on currencies.customer_id = subscriptions.customer_id
    where subscriptions.id not in (select subscription_id from known)
),

spans as (
    select
        'dashboard_subscriptions' as object,
        id as source_ref,
        _batch_id as batch_id,
        _record as record,
        customer_id,
        id as subscription_id,
        id as line_ref,
        greatest(started_at, trial_end) as starts_at,
        coalesce(ended_at, case when cancel_at_period_end then current_period_end end) as ends_at,
        amount,
        known_currency as currency,
        interval,
        cast(coalesce(interval_count, 1) as int) as interval_count,
        true as is_provisional,
        trial_end as trial_ends_at,
        canceled_at,
        cancellation_reason as cancel_reason
    from stated
    where state in ('active', 'past_due') or (state = 'canceled' and ended_at is not null)
)

select * from spans
where ends_at is null or starts_at < ends_at
