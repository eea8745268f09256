-- grain: one row per version of a subscription and discount or coupon that it shows
with versions as (
    select
        system, subscription_id, activated_at, known_at, updated_at, batch_order, batch_id, record, coupons, discounts,
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

read_out as (
    select
        system, subscription_id, known_at, number, batch_id, record, kind,
        coalesce(
            {{ json_text('told', 'coupon_id') }}, {{ json_text('told', 'id') }}
        ) as discount_ref,
        {{ json_text('told', 'coupon_id') }} as coupon_id,
        try_cast({{ json_text('told', 'percentage') }} as decimal(18, 6)) as percent,
        try_cast({{ json_text('told', 'amount') }} as bigint) as minor_amount,
        upper({{ json_text('told', 'currency_code') }}) as currency,
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
    from listed
)

select * from read_out
