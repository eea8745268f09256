-- grain: one row per subscription item and stretch of time at one amount, invoiced or not, until the service stops
with

states as (select * from {{ ref('stg_stripe__item_states') }}),

tails as (select * from {{ ref('stg_stripe__item_tails') }}),

coverage as (select * from {{ ref('stg_stripe__item_coverage') }}),

subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }}),

items as (select * from {{ ref('stg_stripe__items') }}),

first_invoiced as (
    select subscription_id, min(first_at) as first_at
    from coverage
    group by subscription_id
),

-- Invoices that begin a day or more after payment did: older ones are not in the exports, so the items of the first
-- one known held their first amount before it.
before_invoices as (
    select
        states.*,
        greatest(subscriptions.pays_from, items.created_at) as held_from
    from states
    inner join first_invoiced
        on first_invoiced.subscription_id = states.subscription_id
        and first_invoiced.first_at = states.starts_at
    inner join subscriptions on subscriptions.subscription_id = states.subscription_id
    left join items on items.item_id = states.item_id
    where subscriptions.pays_from + interval 1 day <= first_invoiced.first_at
),

pieces as (
    select
        'invoice_line_items' as object, line_id as source_ref, subscription_id, item_id, minor_amount, currency,
        interval, interval_count, is_provisional, starts_at, ends_at, batch_id, record
    from states
    union all
    select
        'invoice_line_items', line_id, subscription_id, item_id, minor_amount, currency,
        interval, interval_count, true, held_from, starts_at, batch_id, record
    from before_invoices
    union all
    select
        'subscription_items', item_id, subscription_id, item_id, minor_amount, currency,
        interval, interval_count, is_provisional, starts_at, ends_at, batch_id, record
    from tails
),

-- Service stops when the subscription ends, not when its last invoice does, nor when the end was asked for.
cut as (
    select
        pieces.object, pieces.source_ref, pieces.batch_id, pieces.record,
        subscriptions.customer_id,
        subscriptions.subscription_id,
        pieces.item_id as line_ref,
        pieces.starts_at,
        least(pieces.ends_at, subscriptions.stops_at) as ends_at,
        {{ minor_to_major('pieces.minor_amount', 'pieces.currency') }} as amount,
        pieces.currency, pieces.interval, pieces.interval_count, pieces.is_provisional,
        subscriptions.trial_ends_at, subscriptions.canceled_at, subscriptions.cancel_reason
    from pieces
    inner join subscriptions on subscriptions.subscription_id = pieces.subscription_id
    where not subscriptions.is_test
)

select * from cut
where ends_at is null or starts_at < ends_at
