-- grain: one row per subscription that an API export names, at least by an item, an invoice or a line of one
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
            {{ stripe_json_text('subscriptions.cancellation_details', 'feedback') }},
            {{ stripe_json_text('subscriptions.cancellation_details', 'reason') }}
        ) as cancel_reason,
        subscriptions.status in ('active', 'past_due')
            and coalesce(subscriptions.pause_collection, 'null') in ('null', '{}') as is_running,
        coalesce(not subscriptions.livemode, false) as is_test,
        subscriptions._batch_id as batch_id,
        subscriptions._record as record
    from subscriptions
    left join item_periods on item_periods.subscription_id = subscriptions.id
    left join billed_to on billed_to.subscription_id = subscriptions.id
),

-- A subscription that no export lists is known by its invoices and their lines alone: whom they bill, and for what. One
-- that was never invoiced either is taken to run, as its items do.
mentions as (
    select subscription_id, customer_id, cast(null as timestamp) as made_at, true as is_invoiced from billed_to
    union all
    select lines.subscription_id, invoices.customer_id, null, true
    from lines
    left join invoices on invoices.invoice_id = lines.invoice_id
    where lines.subscription_id not in (select subscription_id from listed)
    union all
    select subscription_id, null, coalesce(created_at, period_starts_at), false from items
    where not is_deleted
),

unlisted as (
    select
        subscription_id, min(customer_id) as customer_id, bool_or(is_invoiced) as is_invoiced,
        case when not bool_or(is_invoiced) then min(made_at) end as made_at
    from mentions
    where subscription_id not in (select subscription_id from listed)
    group by subscription_id
),

known as (
    select * from listed
    union all
    select
        subscription_id, customer_id, cast(null as string), made_at, cast(null as timestamp), made_at,
        cast(null as timestamp), cast(null as timestamp), cast(null as timestamp), cast(null as string),
        not is_invoiced, false, cast(null as string), cast(null as bigint)
    from unlisted
)

select * from known
