-- grain: one row per activation and moment from which it has another price
-- The first price known holds since the activation. A later one counts from the row's last change, where that lies after the
-- extract before, else from the extract that shows it.
with versions as (
    select
        versions.*, activations.customer_id as billed_customer_id, activations.stops_at as activation_stops_at,
        activations.cancel_requested_at as requested_at, activations.cancel_reason as reason
    from {{ ref('stg_chargebee__subscription_versions') }} as versions
    inner join {{ ref('stg_chargebee__activations') }} as activations
        on versions.system = activations.system
        and versions.subscription_id = activations.subscription_id
        and versions.activated_at = activations.activated_at
    where versions.status not in ('future', 'in_trial')
        and versions.amount is not null
        and not versions.is_deleted
),

followed as (
    select
        *,
        lag(known_at) over known as known_before_at,
        lag(amount) over known as earlier_amount,
        lag(currency) over known as earlier_currency,
        lag(interval) over known as earlier_interval,
        lag(interval_count) over known as earlier_interval_count
    from versions
    window known as (
        partition by system, subscription_id, activated_at
        order by known_at, updated_at nulls first, batch_order, record
    )
),

changed as (
    select
        *,
        case
            when known_before_at is null then activated_at
            when updated_at > known_before_at then updated_at
            else known_at
        end as starts_at
    from followed
    where known_before_at is null
        or amount <> earlier_amount
        or currency <> earlier_currency
        or interval <> earlier_interval
        or interval_count <> earlier_interval_count
),

dated as (
    select
        *,
        {{ company_day('starts_at') }} as starts_on,
        {{ company_day('known_at') }} as known_on
    from changed
),

-- of several on one day the last one holds, from the moment of the first: those before it end where they start
stretches as (
    select
        system, subscription_id, billed_customer_id as customer_id, batch_id, record, amount, currency, interval,
        interval_count,
        min(starts_at) over (partition by system, subscription_id, activated_at, starts_on) as starts_at,
        lead(starts_at) over (
            partition by system, subscription_id, activated_at
            order by starts_at, known_at, updated_at nulls first, batch_order, record
        ) as next_starts_at,
        activation_stops_at as stops_at,
        known_before_at is null and starts_on < known_on as is_provisional,
        requested_at as cancel_requested_at, reason as cancel_reason
    from dated
)

select * from stretches
