-- grain: one row per current subscription item whose subscription began, or begins, with a trial
-- What it is worth meanwhile is what the item costs when the trial is over.
with

items as (select * from {{ ref('stg_stripe__items') }} where not is_deleted),

subscriptions as (
    select * from {{ ref('stg_stripe__subscriptions') }}
    where not is_test and starts_at < trial_ends_at
),

terms as (select * from {{ ref('stg_stripe__price_terms') }} where not is_metered),

tier_amounts as (select * from {{ ref('stg_stripe__tier_amounts') }}),

item_net_shares as (select * from {{ ref('stg_stripe__item_net_shares') }}),

spans as (
    select
        'subscription_items' as object, items.item_id as source_ref, items.batch_id, items.record,
        subscriptions.customer_id, subscriptions.subscription_id,
        items.item_id || ' trial' as line_ref,
        subscriptions.starts_at,
        least(subscriptions.trial_ends_at, subscriptions.stops_at) as ends_at,
        {{ minor_to_major(without_tax('coalesce(' ~ stripe_amount_of('terms.minor_unit_amount', 'items.quantity')
            ~ ', tier_amounts.minor_amount, 0)', 'case when terms.is_tax_inclusive'
            ~ ' or item_net_shares.price_id = items.price_id then item_net_shares.net_share end'), 'terms.currency') }} as amount,
        terms.currency, terms.interval, terms.interval_count, true as is_provisional,
        cast(null as timestamp) as trial_ends_at, cast(null as timestamp) as canceled_at, cast(null as string) as cancel_reason
    from items
    inner join subscriptions on subscriptions.subscription_id = items.subscription_id
    inner join terms on terms.price_id = items.price_id
    left join tier_amounts
        on tier_amounts.price_id = items.price_id
        and tier_amounts.currency = terms.currency
        and tier_amounts.quantity = items.quantity
    left join item_net_shares
        on item_net_shares.subscription_id = items.subscription_id
        and item_net_shares.item_id = items.item_id
)

select * from spans
where starts_at < ends_at
