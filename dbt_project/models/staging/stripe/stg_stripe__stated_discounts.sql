-- grain: one row per discount that any export names, as stated beside the subscription or customer or in a table of their own
-- The row of either shows the discounts in force at its extract. One that a later row no longer shows ended with that
-- extract, where that shows discounts at all.
{%- set of_holder -%}
object, subscription_id, customer_id, known_from, _extracted_at, next_extracted_at, next_batch_id, _batch_id, _record
{%- endset %}
with given_once as (
    select distinct id from {{ record_history('stripe', 'customers') }} as customers
    where discount is not null
),

holders as (
    select
        'subscriptions' as object, id as holder_id, id as subscription_id, cast(null as string) as customer_id,
        discount, discounts, start_date as known_from, _extracted_at, _batch_order, _batch_id, _record
    from {{ record_history('stripe', 'subscriptions') }} as subscriptions
    union all
    select
        'customers', id, null, id, discount, null, created, _extracted_at, _batch_order, _batch_id, _record
    from {{ record_history('stripe', 'customers') }} as customers
    semi join given_once on customers.id = given_once.id
),

versions as (
    select
        *, lead(_extracted_at) over following as next_extracted_at, lead(_batch_id) over following as next_batch_id
    from holders
    window following as (partition by object, holder_id order by _extracted_at, _batch_order, _record)
),

telling as (
    select distinct _batch_id as batch_id from versions
    where coalesce(discount, discounts) is not null
),

shown as (
    select {{ of_holder }}, discount as told
    from versions
    where discount is not null
    union all
    select {{ of_holder }}, {{ json_items('discounts') }} as told
    from versions
    where discounts is not null
),

read_out as (
    select
        {{ json_text('told', 'id') }} as discount_ref,
        object, subscription_id, customer_id,
        {{ json_text('told', 'coupon.percent_off') }} as percent_off,
        {{ json_text('told', 'coupon.amount_off') }} as amount_off,
        {{ json_text('told', 'coupon.currency') }} as currency,
        {{ json_text('told', 'coupon.duration') }} as duration,
        {{ json_text('told', 'coupon.applies_to.products') }} as products,
        coalesce({{ moment_of_epoch(json_text('told', 'start')) }}, known_from) as starts_at,
        {{ moment_of_epoch(json_text('told', 'end')) }} as ends_at,
        case when telling.batch_id is not null then next_extracted_at end as gone_at,
        _extracted_at, _batch_id, _record
    from shown
    left join telling on telling.batch_id = shown.next_batch_id
),

-- of the rows that show a discount, the last one: the extract after it shows it no more
last_shown as (
    select * from read_out
    where discount_ref is not null
    qualify row_number() over (partition by discount_ref, object, subscription_id order by _extracted_at desc, _record desc) = 1
),

listed as (
    select discounts.*, coupons.percent_off, coupons.amount_off, coupons.currency, coupons.duration,
        coupons.applies_to_products as products
    from {{ accepted_records('stripe', 'subscription_discounts') }} as discounts
    inner join {{ accepted_records('stripe', 'coupons') }} as coupons on coupons.id = discounts.coupon_id
),

stated as (
    select
        'subscription_discounts' as object, id as source_ref, _batch_id as batch_id, _record as record, subscription_id,
        customer_id, subscription_item_id as item_id, cast(percent_off as decimal(18, 6)) as percent, amount_off as minor_amount,
        upper(currency) as currency, duration, products, starts_at,
        case when deleted then least(ends_at, _extracted_at) else ends_at end as ends_at
    from listed
    union all
    select
        object, discount_ref, _batch_id, _record, subscription_id, customer_id, null,
        try_cast(percent_off as decimal(18, 6)), try_cast(amount_off as bigint), upper(currency), duration, products, starts_at,
        least(ends_at, gone_at)
    from last_shown
    anti join listed on listed.id = last_shown.discount_ref
)

select * from stated
