-- grain: one row per discount of a subscription, or of an item of it, offered to the waist
-- A customer's own discount lowers each of its subscriptions while that has no lasting one itself. A coupon for some products
-- lowers the items that are of these now; an amount, which is taken once an invoice, the first of them.
{%- set told = 'object, source_ref, batch_id, record, percent, minor_amount, currency, duration, products' %}
with discounts as (
    select * from {{ ref('stg_stripe__stated_discounts') }}
    where percent is not null or minor_amount is not null
),

subscriptions as (
    select subscription_id, customer_id from {{ ref('stg_stripe__subscriptions') }}
    where not is_test
),

-- the time in which a subscription with lasting discounts has none in force
own as (
    select subscription_id, starts_at, coalesce(ends_at, timestamp '9999-12-31 00:00:00') as ends_at
    from discounts
    where object <> 'customers' and duration <> 'once'
),

without_own as (
    select subscription_id, cast(null as timestamp) as free_from, min(starts_at) as free_to
    from own
    group by subscription_id
    union all
    select
        subscription_id,
        max(ends_at) over (
            partition by subscription_id order by starts_at, ends_at rows between unbounded preceding and current row
        ) as free_from,
        lead(starts_at) over (partition by subscription_id order by starts_at, ends_at) as free_to
    from own
),

given as (
    select {{ told }}, item_id, starts_at, ends_at, subscriptions.subscription_id
    from discounts
    inner join subscriptions on discounts.subscription_id = subscriptions.subscription_id
    where discounts.object <> 'customers'
    union all
    select
        {{ told }}, item_id, greatest(starts_at, free_from), least(ends_at, free_to), subscriptions.subscription_id
    from discounts
    inner join subscriptions on discounts.customer_id = subscriptions.customer_id
    left join without_own on subscriptions.subscription_id = without_own.subscription_id
    where discounts.object = 'customers'
        and greatest(starts_at, free_from) < coalesce(least(ends_at, free_to), timestamp '9999-12-31 00:00:00')
),

item_products as (
    select items.subscription_id, items.item_id, prices.product_id
    from {{ ref('stg_stripe__items') }} as items
    inner join {{ accepted_records('stripe', 'prices') }} as prices on items.price_id = prices.id
),

placed as (
    select {{ told }}, item_id, starts_at, ends_at, subscription_id
    from given
    where products is null
    union all
    select {{ told }}, item_products.item_id, starts_at, ends_at, given.subscription_id
    from given
    inner join item_products
        on given.subscription_id = item_products.subscription_id
        and (given.item_id is null or given.item_id = item_products.item_id)
        and contains(given.products, '"' || item_products.product_id || '"')
    qualify given.percent is not null or row_number() over (
        partition by given.source_ref, given.subscription_id, given.starts_at order by item_products.item_id
    ) = 1
),

offered as (
    select
        'stripe' as vendor,
        'stripe' as system,
        object, source_ref, batch_id, record,
        subscription_id as agreement_ref,
        item_id as line_ref,
        {{ company_day('starts_at') }} as starts_on,
        {{ company_day('ends_at') }} as ends_on,
        percent,
        {{ minor_to_major('minor_amount', 'currency') }} as amount,
        case when minor_amount is not null then currency end as currency,
        duration = 'once' as is_one_off
    from placed
)

select * from offered
