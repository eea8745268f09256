-- grain: one row per subscription that an API export names, at least by an item, an invoice or a line of one; those that
-- only the dashboard lists are left to it
with

subscriptions as (select * from {{ accepted_records('stripe', 'subscriptions') }} as accepted),

items as (select * from {{ ref('stg_stripe__items') }}),

invoices as (select * from {{ ref('stg_stripe__invoices') }}),

lines as (select * from {{ ref('stg_stripe__service_lines') }}),

-- Newer exports keep the current period on the items.
item_periods as (
    select subscription_id, max(period_ends_at) as period_ends_at
    from items
    group by subscription_id
),

-- Where a subscription names no customer, or is not listed itself, its invoices may.
billed_to as (
    select subscription_id, min(customer_id) as customer_id
    from invoices
    where subscription_id is not null
    group by subscription_id
),

listed as (
    select
        subscriptions.id as subscription_id,
        coalesce(subscriptions.customer_id, billed_to.customer_id) as customer_id,
        subscriptions.status,
        coalesce(subscriptions.start_date, subscriptions.created) as starts_at,
        subscriptions.trial_end as trial_ends_at,
        greatest(coalesce(subscriptions.start_date, subscriptions.created), subscriptions.trial_end) as pays_from,
        coalesce(
            subscriptions.ended_at,
            subscriptions.cancel_at,
            case when subscriptions.cancel_at_period_end
                then coalesce(subscriptions.current_period_end, item_periods.period_ends_at)
            end
        ) as stops_at,
        subscriptions.ended_at,
        subscriptions.canceled_at,
        coalesce(
            {{ json_text('subscriptions.cancellation_details', 'feedback') }},
            {{ json_text('subscriptions.cancellation_details', 'reason') }}
        ) as cancel_reason,
        subscriptions.status in ('active', 'past_due')
            and coalesce(subscriptions.pause_collection, 'null') in ('null', '{}') as is_running,
        coalesce(not subscriptions.livemode, false) as is_test,
        subscriptions._batch_id as batch_id,
        subscriptions._record as record,
        true as is_listed
    from subscriptions
    left join item_periods on item_periods.subscription_id = subscriptions.id
    left join billed_to on billed_to.subscription_id = subscriptions.id
),

-- every version, refused ones and those that are gone included: what any export lists as a subscription is no orphan
listings as (
    select id as subscription_id from {{ source('stripe', 'subscriptions') }} as api
    union all
    select id from {{ source('stripe', 'dashboard_subscriptions') }} as dashboard
),

-- A subscription that is listed nowhere is known by its invoices, or by lines of an invoice that names none: they say whom
-- it bills. One that only items name was never invoiced, and is taken to run as they do.
mentions as (
    select subscription_id, customer_id, cast(null as timestamp) as made_at, true as is_invoiced from billed_to
    union all
    select lines.subscription_id, invoices.customer_id, null, true
    from lines
    anti join listings on lines.subscription_id = listings.subscription_id
    left join invoices on invoices.invoice_id = lines.invoice_id
    union all
    select subscription_id, null, known_from, false from items
    where not is_deleted
),

unlisted as (
    select
        mentions.subscription_id, min(mentions.customer_id) as customer_id, bool_or(mentions.is_invoiced) as is_invoiced,
        case when not bool_or(mentions.is_invoiced) then min(mentions.made_at) end as made_at
    from mentions
    anti join listings on mentions.subscription_id = listings.subscription_id
    group by mentions.subscription_id
),

known as (
    select * from listed
    union all
    select
        subscription_id, customer_id, cast(null as string), made_at, cast(null as timestamp), made_at,
        cast(null as timestamp), cast(null as timestamp), cast(null as timestamp), cast(null as string),
        not is_invoiced, false, cast(null as string), cast(null as bigint), false
    from unlisted
)

select * from known
