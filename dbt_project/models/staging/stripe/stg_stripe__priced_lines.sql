-- grain: one row per billed stretch of an item's service, with what the item costs for a whole interval from its start
with

lines as (select * from {{ ref('stg_stripe__service_lines') }} where not is_void),

terms as (select * from {{ ref('stg_stripe__price_terms') }} where not is_metered),

tiered_lines as (select * from {{ ref('stg_stripe__tiered_lines') }}),

tier_amounts as (select * from {{ ref('stg_stripe__tier_amounts') }}),

billed as (
    select
        line_id, subscription_id, item_id, price_id, is_proration, minor_amount, currency, quantity, starts_at, ends_at,
        batch_id, record
    from lines
    where price_id in (select price_id from terms where minor_unit_amount is not null)
    union all
    select
        line_id, subscription_id, item_id, price_id, is_proration, minor_amount, currency, quantity, starts_at, ends_at,
        batch_id, record
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
        cast(case terms.interval when 'day' then 1 when 'week' then 7 when 'month' then 30.4167 else 365 end
            as decimal(7, 4)) * terms.interval_count as days_of_interval,
        greatest({{ dbt.datediff('billed.starts_at', 'billed.ends_at', 'day') }}, 1) as days_of_line
    from billed
    inner join terms on terms.price_id = billed.price_id
    left join tier_amounts
        on tier_amounts.price_id = billed.price_id
        and tier_amounts.currency = billed.currency
        and tier_amounts.quantity = billed.quantity
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
        ) as minor_amount,
        is_inferred or coalesce(list_amount, tier_amount) is null as is_provisional
    from priced
)

select * from whole
