-- grain: one row per version of a subscription and discount or coupon that it shows
with versions as (
    select
        system, subscription_id, activated_at, known_at, updated_at, batch_order, batch_id, record, coupons, discounts,
        items, currency as subscription_currency, interval, interval_count,
        row_number() over known as number,
        lag(known_at) over known as known_before_at,
        lead(known_at) over known as next_known_at,
        lead(updated_at) over known as next_updated_at
    from {{ ref('stg_chargebee__subscription_versions') }}
    where not is_deleted
    window known as (partition by system, subscription_id order by known_at, updated_at nulls first, batch_order, record)
),

listed as (
    select versions.*, 'discount' as kind, {{ json_items('discounts') }} as told from versions
    where discounts is not null
    union all
    select versions.*, 'coupon' as kind, {{ json_items('coupons') }} as told from versions
    where coupons is not null
),

-- a discount of one item is told by what it takes off that item's amount, at most all of it
placed as (
    select
        *,
        coalesce(
            {{ json_text('told', 'coupon_id') }}, {{ json_text('told', 'id') }}
        ) as discount_ref,
        coalesce({{ json_text('told', 'apply_on') }}, 'invoice_amount') <> 'invoice_amount' as is_narrow,
        {{ json_text('told', 'item_price_id') }} as item_price_id,
        try_cast({{ json_text('told', 'percentage') }} as decimal(18, 6)) as percent,
        try_cast({{ json_text('told', 'amount') }} as bigint) as minor_amount
    from listed
),

valued as (
    select
        *,
        case when is_narrow then
            {{ chargebee_items_amount('items', 'item_price_id', 'interval_count', 'interval') }}
        end as item_amount
    from placed
),

read_out as (
    select
        system, subscription_id, known_at, number, batch_id, record, kind, discount_ref,
        {{ json_text('told', 'coupon_id') }} as coupon_id,
        is_narrow,
        case when not is_narrow then percent end as percent,
        case when not is_narrow then minor_amount end as minor_amount,
        -- one coupon may lower several items
        sum(case
            when percent between 0 and 100 then cast(round(
                cast(item_amount as decimal(19, 0)) * cast(percent as decimal(9, 6)) * cast(0.01 as decimal(3, 2)), 0
            ) as bigint)
            when percent is null and minor_amount is not null and item_amount is not null then least(minor_amount, item_amount)
        end) over (partition by system, subscription_id, number, kind, discount_ref) as item_discount,
        case
            when is_narrow then coalesce(upper({{ json_text('told', 'currency_code') }}), subscription_currency)
            else upper({{ json_text('told', 'currency_code') }})
        end as currency,
        {{ json_text('told', 'duration_type') }} as duration,
        {{ moment_of_epoch(json_text('told', 'apply_till')) }} as ends_at,
        -- one that is not dated was there from the start, or came with the change that shows it first
        coalesce({{ moment_of_epoch(json_text('told', 'created_at')) }}, case
            when known_before_at is null then activated_at
            when updated_at > known_before_at then updated_at
            else known_at
        end) as shown_from,
        -- and is gone since the change that shows it no more
        case when next_updated_at > known_at then next_updated_at else next_known_at end as gone_at
    from valued
)

select * from read_out
