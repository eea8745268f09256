-- grain: one row per subscription and stretch of days for which it was paused, at the price that it had
with versions as (
    select
        *,
        lead(status) over known as next_status,
        lead(activated_at) over known as next_activated_at,
        lead(stops_at) over known as next_stops_at
    from {{ ref('stg_chargebee__subscription_versions') }}
    where not is_deleted
    window known as (partition by system, subscription_id order by known_at, updated_at nulls first, batch_order, record)
),

-- the last version that shows a pause: the next one tells how it ended
paused as (
    select * from versions
    where status = 'paused' and amount is not null
    qualify row_number() over (
        partition by system, subscription_id, stops_at
        order by known_at desc, updated_at desc nulls last, batch_order desc, record desc
    ) = 1
),

stated as (
    select
        paused.system, paused.subscription_id, subscriptions.customer_id, paused.batch_id, paused.record,
        paused.stops_at as starts_at,
        case
            when paused.next_status = 'cancelled' and paused.next_activated_at = paused.activated_at then paused.next_stops_at
            else paused.next_activated_at
        end as ends_at,
        paused.amount, paused.currency, paused.interval, paused.interval_count, false as is_trial, false as is_provisional,
        cast(null as timestamp) as cancel_requested_at, cast(null as string) as cancel_reason, true as is_paused
    from paused
    inner join {{ ref('stg_chargebee__subscriptions') }} as subscriptions
        on paused.system = subscriptions.system
        and paused.subscription_id = subscriptions.subscription_id
)

select * from stated
