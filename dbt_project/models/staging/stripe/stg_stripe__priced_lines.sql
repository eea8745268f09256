-- grain: one row per billed stretch of an item's service, with what the item costs for a whole interval from its start
with

lines as (select * from {{ ref('stg_stripe__service_lines') }} where not is_void),

terms as (select * from {{ ref('stg_stripe__price_terms') }} where not is_metered),

tiered_lines as (select * from {{ ref('stg_stripe__tiered_lines') }}),

tier_amounts as (select * from {{ ref('stg_stripe__tier_amounts') }}),

item_net_shares as (select * from {{ ref('stg_stripe__item_net_shares') }}),

billed as (
    select
        line_id, subscription_id, item_id, price_id, is_proration, minor_amount, net_share, currency, quantity,
        starts_at, ends_at, batch_id, record
    from lines
    where price_id in (select price_id from terms where minor_unit_amount is not null)
    union all
    select
        line_id, subscription_id, item_id, price_id, is_proration, minor_amount, net_share, currency, quantity,
        starts_at, ends_at, batch_id, record
    from tiered_lines
),

-- A regular line bills whole intervals. A proration bills a part: price times quantity is the whole, for tiers what a
-- whole interval cost elsewhere. Where nothing is charged for the part (a trial), the whole is free too.
priced as (
    select
        billed.*,
        terms.interval,
        terms.interval_count,
        terms.is_inferred,
        case
            when not billed.is_proration or billed.minor_amount = 0 then billed.minor_amount
            when billed.currency = terms.currency then {{ stripe_amount_of('terms.minor_unit_amount', 'billed.quantity') }}
        end as list_amount,
        tier_amounts.minor_amount as tier_amount,
        -- of a part, and of an invoice that tells no tax, the item's own is the better one
        case
            when billed.is_proration and (billed.net_share is not null or terms.is_tax_inclusive)
                then coalesce(item_net_shares.net_share, billed.net_share)
            when terms.is_tax_inclusive then coalesce(billed.net_share, item_net_shares.net_share)
            else billed.net_share
        end as whole_net_share,
        cast(case terms.interval when 'day' then 1 when 'week' then 7 when 'month' then 30.4167 else 365 end
            as decimal(7, 4)) * terms.interval_count as days_of_interval,
        greatest({{ dbt.datediff('billed.starts_at', 'billed.ends_at', 'day') }}, 1) as days_of_line
    from billed
    inner join terms on terms.price_id = billed.price_id
    left join tier_amounts
        on tier_amounts.price_id = billed.price_id
        and tier_amounts.currency = billed.currency
        and tier_amounts.quantity = billed.quantity
    left join item_net_shares
        on item_net_shares.subscription_id = billed.subscription_id
        and item_net_shares.item_id = billed.item_id
),

whole as (
    select
        line_id, subscription_id, item_id, price_id, currency, quantity, interval, interval_count, starts_at, ends_at,
        batch_id, record, is_proration,
        is_proration and minor_amount < 0 as is_removal,
        -- the last resort, for a part whose whole was never billed: scaled up by days, provisionally
        coalesce(
            list_amount,
            tier_amount,
            case when abs(minor_amount) * days_of_interval < 10000000000000
                then cast(round({{ divide('minor_amount * days_of_interval', 'days_of_line') }}, 0) as bigint) end,
            minor_amount
        ) as whole_amount,
        whole_net_share,
        is_inferred or coalesce(list_amount, tier_amount) is null as is_provisional
    from priced
),

untaxed as (
    select *, {{ without_tax('whole_amount', 'whole_net_share') }} as minor_amount
    from whole
)

select * from untaxed
