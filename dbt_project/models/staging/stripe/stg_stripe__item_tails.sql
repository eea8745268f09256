-- grain: one row per current subscription item, from where its invoices end: the price and quantity it stands at
with

items as (select * from {{ ref('stg_stripe__items') }} where not is_deleted),

subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }}),

coverage as (select * from {{ ref('stg_stripe__item_coverage') }}),

terms as (select * from {{ ref('stg_stripe__price_terms') }} where not is_metered),

tier_amounts as (select * from {{ ref('stg_stripe__tier_amounts') }}),

states as (select * from {{ ref('stg_stripe__item_states') }}),

item_net_shares as (select * from {{ ref('stg_stripe__item_net_shares') }}),

invoiced as (
    select subscription_id, max(renewed_at) as renewed_at
    from coverage
    group by subscription_id
),

-- An item that was invoiced goes on from where its invoices end. In a subscription without any invoice it began with
-- it (by itself, where no export lists the subscription), and in one that ended it ran until the end. Where there are
-- invoices, but none of the item, it began when it was made, if that was after the last renewal: an item that a renewal
-- left out is no longer there.
current_items as (
    select
        items.item_id, items.subscription_id, items.price_id, items.quantity, coverage.currency as invoiced_currency,
        coalesce(
            coverage.covered_until,
            case
                when invoiced.subscription_id is not null then items.created_at
                when not subscriptions.is_listed then items.known_from
            end,
            subscriptions.pays_from
        ) as starts_at,
        subscriptions.stops_at as ends_at,
        coverage.item_id is null as is_uninvoiced,
        items.batch_id, items.record
    from items
    inner join subscriptions on subscriptions.subscription_id = items.subscription_id
    left join coverage on coverage.item_id = items.item_id
    left join invoiced on invoiced.subscription_id = items.subscription_id
    where
        not coalesce(coverage.is_removed, false)
        and (coverage.item_id is not null or invoiced.renewed_at is null or items.created_at >= invoiced.renewed_at)
        and (subscriptions.is_running or (invoiced.subscription_id is null and subscriptions.status = 'canceled'))
),

valued as (
    select
        current_items.*,
        coalesce(current_items.invoiced_currency, terms.currency) as currency,
        terms.interval, terms.interval_count, terms.is_inferred,
        coalesce(
            case when terms.currency = coalesce(current_items.invoiced_currency, terms.currency)
                then {{ stripe_amount_of('terms.minor_unit_amount', 'current_items.quantity') }} end,
            tier_amounts.minor_amount
        ) as list_amount,
        case
            when terms.is_tax_inclusive or item_net_shares.price_id = current_items.price_id
                then item_net_shares.net_share
        end as net_share
    from current_items
    inner join terms on terms.price_id = current_items.price_id
    left join tier_amounts
        on tier_amounts.price_id = current_items.price_id
        and tier_amounts.currency = coalesce(current_items.invoiced_currency, terms.currency)
        and tier_amounts.quantity = current_items.quantity
    left join item_net_shares
        on item_net_shares.subscription_id = current_items.subscription_id
        and item_net_shares.item_id = current_items.item_id
),

untaxed as (select *, {{ without_tax('list_amount', 'net_share') }} as minor_amount from valued),

last_states as (
    select * from states
    where item_id in (select item_id from untaxed where minor_amount is null)
    qualify row_number() over (partition by item_id order by starts_at desc) = 1
),

-- Where the amount of the current price is not known, the item goes on at its last one, provisionally.
tails as (
    select
        untaxed.subscription_id, untaxed.item_id,
        coalesce(untaxed.minor_amount, last_states.minor_amount) as minor_amount,
        untaxed.currency,
        case when untaxed.minor_amount is null then last_states.interval else untaxed.interval end as interval,
        case when untaxed.minor_amount is null then last_states.interval_count else untaxed.interval_count end
            as interval_count,
        untaxed.is_uninvoiced or untaxed.is_inferred or untaxed.minor_amount is null as is_provisional,
        untaxed.starts_at, untaxed.ends_at, untaxed.batch_id, untaxed.record
    from untaxed
    left join last_states on last_states.item_id = untaxed.item_id
)

select * from tails where minor_amount is not null
