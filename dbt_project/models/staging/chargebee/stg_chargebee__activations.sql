-- grain: one row per subscription and time that it became active: after a trial, a pause or a cancellation
-- The newest version that knows of an activation tells when it stopped; one never seen to stop ran until the next.
with versions as (
    select versions.*, subscriptions.customer_id as newest_customer_id
    from {{ ref('stg_chargebee__subscription_versions') }} as versions
    inner join {{ ref('stg_chargebee__subscriptions') }} as subscriptions
        on versions.system = subscriptions.system
        and versions.subscription_id = subscriptions.subscription_id
    where versions.status not in ('future', 'in_trial')
        and not versions.is_deleted
        and not versions.is_never_begun
),

-- whoever leaves from a pause was gone since it began
ended as (
    select
        *,
        case
            when status = 'cancelled' and lag(status) over known = 'paused' then least(stops_at, lag(stops_at) over known)
            else stops_at
        end as ended_at
    from versions
    window known as (
        partition by system, subscription_id, activated_at
        order by known_at, updated_at nulls first, batch_order, record
    )
),

newest as (
    select * from ended
    qualify row_number() over (
        partition by system, subscription_id, activated_at
        order by known_at desc, updated_at desc nulls last, batch_order desc, record desc
    ) = 1
),

stopped as (
    select
        *,
        lead(activated_at) over (partition by system, subscription_id order by activated_at) as next_activated_at
    from newest
),

stated as (
    select
        system, subscription_id, newest_customer_id as customer_id, activated_at,
        least(ended_at, next_activated_at) as stops_at,
        cancel_requested_at,
        case when status in ('cancelled', 'non_renewing') and ended_at <= coalesce(next_activated_at, ended_at)
            then cancel_reason end as cancel_reason,
        batch_id, record
    from stopped
)

-- what was cancelled in its trial never was active
select * from stated
where stops_at is null or activated_at < stops_at
