-- grain: one row per discount or coupon of a subscription, offered to the waist
{%- set never = "timestamp '9999-12-31 00:00:00'" %}
with told as (
    select * from {{ ref('stg_chargebee__told_discounts') }}
),

-- a discount that came from a coupon is listed twice, the second time without what it takes off
held as (
    select
        system, subscription_id, discount_ref,
        min_by(batch_id, number) as batch_id,
        min_by(record, number) as record,
        max(coupon_id) as coupon_id,
        max(percent) filter (where kind = 'discount') as percent,
        max(minor_amount) filter (where kind = 'discount') as minor_amount,
        -- of an item whose amount changed, what is off it now: two amounts would lower the interval of the change twice
        max_by(item_discount, number) filter (where item_discount is not null) as item_discount,
        coalesce(bool_or(is_narrow) filter (where kind = 'discount'), false) as is_narrow,
        max(currency) filter (where kind = 'discount') as currency,
        max(duration) as duration,
        -- of one version the discount says more than its coupon; engines differ in whether one without a moment counts
        nullif(
            min_by(coalesce(shown_from, {{ never }}), 2 * number - case kind when 'discount' then 1 else 0 end), {{ never }}
        ) as starts_at,
        nullif(
            max_by(coalesce(least(ends_at, gone_at), {{ never }}), 2 * number + case kind when 'discount' then 1 else 0 end),
            {{ never }}
        ) as ends_at
    from told
    where discount_ref is not null
    group by system, subscription_id, discount_ref
),

coupons as (
    select * from {{ newest_of(
        source('chargebee', 'coupons'), 'chargebee', 'coupons', ['id'], 'updated_at'
    ) }}
),

-- a coupon for some items alone does not say how much of a subscription these are
stated as (
    select
        held.system, held.subscription_id, held.discount_ref, held.batch_id, held.record, held.starts_at, held.ends_at,
        case when not held.is_narrow then coalesce(held.percent, cast(coupons.discount_percentage as decimal(18, 6))) end
            as percent,
        case
            when held.is_narrow then cast(held.item_discount as bigint)
            when held.percent is null then coalesce(held.minor_amount, coupons.discount_amount)
        end as minor_amount,
        net_shares.net_share,
        coalesce(held.currency, coupons.currency_code) as currency,
        coalesce(held.duration, coupons.duration_type) as duration
    from held
    left join coupons
        on held.system = coupons._system
        and held.coupon_id = coupons.id
    left join {{ ref('stg_chargebee__net_shares') }} as net_shares
        on held.system = net_shares.system
        and held.subscription_id = net_shares.subscription_id
    where held.is_narrow or coalesce(coupons.apply_on, 'invoice_amount') = 'invoice_amount'
),

offered as (
    select
        'chargebee' as vendor, system, 'subscriptions' as object, discount_ref as source_ref, batch_id, record,
        subscription_id as agreement_ref, cast(null as string) as line_ref,
        {{ company_day('starts_at') }} as starts_on, {{ company_day('ends_at') }} as ends_on,
        case when percent between 0 and 100 then percent end as percent,
        case when percent is null then {{ minor_to_major(without_tax('minor_amount', 'net_share'), 'currency') }} end as amount,
        currency, duration = 'one_time' as is_one_off
    from stated
    where percent between 0 and 100 or (percent is null and minor_amount >= 0)
)

select * from offered
