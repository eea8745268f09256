-- grain: one row per subscription and stretch of days at one price, trials and subscriptions yet to come included
with paid as (
    select
        system, subscription_id, customer_id, batch_id, record, starts_at, least(next_starts_at, stops_at) as ends_at,
        amount, currency, interval, interval_count, false as is_trial, is_provisional,
        -- who asked to leave asked it of the last price
        case when next_starts_at is null then cancel_requested_at end as cancel_requested_at,
        case when next_starts_at is null then cancel_reason end as cancel_reason, false as is_paused
    from {{ ref('stg_chargebee__priced_stretches') }}
),

unpaid as (
    select
        system, subscription_id, customer_id, batch_id, record,
        case when status = 'in_trial' then trial_starts_at else pays_from end as starts_at,
        case when status = 'in_trial' then trial_ends_at end as ends_at,
        case when status = 'in_trial' then coalesce(amount, 0) else amount end as amount, currency, interval,
        interval_count, status = 'in_trial' as is_trial, true as is_provisional,
        cast(null as timestamp) as cancel_requested_at, cast(null as string) as cancel_reason,
        false as is_paused
    from {{ ref('stg_chargebee__subscriptions') }}
    where status = 'in_trial' or (status = 'future' and amount is not null)
),

lines as (
    select * from paid
    union all
    select * from unpaid
    union all
    select * from {{ ref('stg_chargebee__pauses') }}
),

offered as (
    select
        'chargebee' as vendor, system, 'subscriptions' as object, subscription_id as source_ref, batch_id, record,
        case when customer_id is null then 'subscriptions' else 'customers' end as party_object,
        coalesce(customer_id, subscription_id) as party_ref,
        subscription_id || case when is_paused then ' paused' else '' end as line_ref, subscription_id as agreement_ref,
        {{ company_day('starts_at') }} as starts_on, {{ company_day('ends_at') }} as ends_on, starts_at, ends_at,
        cast(amount as decimal(18, 4)) as amount, currency, interval, interval_count, is_trial,
        is_paused, false as is_metered, is_provisional, {{ company_day('unpaid.unpaid_at') }} as unpaid_since, unpaid.unpaid_at,
        {{ company_day('cancel_requested_at') }} as cancel_requested_on, cancel_requested_at, cancel_reason
    from lines
    left join {{ ref('stg_chargebee__unpaid') }} as unpaid using (system, subscription_id)
)

select * from offered
where ends_on is null or starts_on < ends_on
