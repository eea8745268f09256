-- grain: one row per discount that any export names, as stated beside the subscription or in a table of their own
-- A subscription's row shows the discounts in force at its extract. One that a later row no longer shows ended with that
-- extract, where that shows discounts at all.
with versions as (
    select
        id as subscription_id, discount, discounts, start_date, _extracted_at, _batch_order, _batch_id, _record,
        lead(_extracted_at) over (partition by id order by _extracted_at, _batch_order, _record) as next_extracted_at,
        lead(_batch_id) over (partition by id order by _extracted_at, _batch_order, _record) as next_batch_id
    from {{ record_history('stripe', 'subscriptions') }}
),

telling as (
    select distinct _batch_id as batch_id from versions
    where coalesce(discount, discounts) is not null
),

shown as (
    select subscription_id, start_date, _extracted_at, next_extracted_at, next_batch_id, _batch_id, _record, discount as told
    from versions
    where discount is not null
    union all
    select
        subscription_id, start_date, _extracted_at, next_extracted_at, next_batch_id, _batch_id, _record,
        {{ json_items('discounts') }} as told
    from versions
    where discounts is not null
),

read_out as (
    select
        {{ stripe_json_text('told', 'id') }} as discount_ref,
        subscription_id,
        cast(null as string) as item_id,
        {{ stripe_json_text('told', 'coupon.percent_off') }} as percent_off,
        {{ stripe_json_text('told', 'coupon.amount_off') }} as amount_off,
        {{ stripe_json_text('told', 'coupon.currency') }} as currency,
        {{ stripe_json_text('told', 'coupon.duration') }} as duration,
        coalesce({{ moment_of_epoch(stripe_json_text('told', 'start')) }}, start_date) as starts_at,
        {{ moment_of_epoch(stripe_json_text('told', 'end')) }} as ends_at,
        case when telling.batch_id is not null then next_extracted_at end as gone_at,
        _extracted_at, _batch_id, _record
    from shown
    left join telling on telling.batch_id = shown.next_batch_id
),

-- of the rows that show a discount, the last one: the extract after it shows it no more
last_shown as (
    select * from read_out
    where discount_ref is not null
    qualify row_number() over (partition by discount_ref, subscription_id order by _extracted_at desc, _record desc) = 1
),

listed as (
    select discounts.*, coupons.percent_off, coupons.amount_off, coupons.currency, coupons.duration
    from {{ accepted_records('stripe', 'subscription_discounts') }} as discounts
    inner join {{ accepted_records('stripe', 'coupons') }} as coupons on coupons.id = discounts.coupon_id
),

stated as (
    select
        'subscription_discounts' as object, id as source_ref, _batch_id as batch_id, _record as record, subscription_id,
        subscription_item_id as item_id, cast(percent_off as decimal(18, 6)) as percent, amount_off as minor_amount,
        upper(currency) as currency, duration, starts_at,
        case when deleted then least(ends_at, _extracted_at) else ends_at end as ends_at
    from listed
    union all
    select
        'subscriptions', discount_ref, _batch_id, _record, subscription_id, item_id,
        try_cast(percent_off as decimal(18, 6)), try_cast(amount_off as bigint), upper(currency), duration, starts_at,
        least(ends_at, gone_at)
    from last_shown
    anti join listed on listed.id = last_shown.discount_ref
)

select * from stated
