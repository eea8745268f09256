-- grain: one row per subscription and price of invoice lines that name no item: the item that they serve
-- Older exports and some warehouses leave the item out. Prices that run beside each other are items of their own; prices
-- that follow each other are one item whose price changed.
with

unnamed as (select * from {{ ref('stg_stripe__stated_lines') }} where item_id is null),

metered as (
    select id as price_id from {{ accepted_records('stripe', 'prices') }} as accepted
    where recurring_usage_type = 'metered'
),

removals as (
    select subscription_id, price_id, starts_at from unnamed
    where is_proration and minor_amount < 0 and not is_void
),

-- a regular line's service is over where its price was credited as unused
regular as (
    select
        unnamed.subscription_id, unnamed.price_id, unnamed.invoice_id, unnamed.line_id, unnamed.starts_at,
        least(unnamed.ends_at, min(removals.starts_at)) as stops_at
    from unnamed
    left join removals
        on removals.subscription_id = unnamed.subscription_id
        and removals.price_id = unnamed.price_id
        and removals.starts_at >= unnamed.starts_at
    where not unnamed.is_proration and not unnamed.is_void
        and unnamed.price_id not in (select price_id from metered)
    group by
        unnamed.subscription_id, unnamed.price_id, unnamed.invoice_id, unnamed.line_id, unnamed.starts_at, unnamed.ends_at
),

-- how long a price surely ran: while it is billed again later, else at its first instant, since a change of price may
-- begin a new period without a credit for the rest of the old one
sure as (
    select
        *,
        least(stops_at, max(starts_at) over (partition by subscription_id, price_id) + interval 1 second) as ran_until
    from regular
),

followed as (
    select
        subscription_id, price_id, starts_at,
        max(ran_until) over earlier as earlier_ran_until,
        max_by(price_id, ran_until) over earlier as earlier_price_id
    from sure
    window earlier as (
        partition by subscription_id order by starts_at, price_id, invoice_id, line_id
        rows between unbounded preceding and 1 preceding
    )
),

concurrent as (
    select distinct subscription_id from followed
    where starts_at < earlier_ran_until and price_id <> earlier_price_id
),

known as (
    select subscription_id, price_id, item_id, is_deleted from {{ ref('stg_stripe__items') }}
    union
    select subscription_id, price_id, item_id, true from {{ ref('stg_stripe__stated_lines') }}
    where item_id is not null and subscription_id in (select subscription_id from unnamed)
),

at_price as (
    select subscription_id, price_id, item_id from known
    qualify row_number() over (partition by subscription_id, price_id order by is_deleted, item_id) = 1
),

only_items as (
    select subscription_id, min(item_id) as item_id from known
    where price_id not in (select price_id from metered)
    group by subscription_id
    having count(distinct item_id) = 1
),

found as (
    select
        prices.subscription_id, prices.price_id,
        coalesce(
            at_price.item_id,
            case when concurrent.subscription_id is not null then prices.subscription_id || ' ' || prices.price_id end,
            only_items.item_id,
            prices.subscription_id
        ) as item_id
    from (select distinct subscription_id, price_id from unnamed) as prices
    left join at_price
        on at_price.subscription_id = prices.subscription_id and at_price.price_id = prices.price_id
    left join concurrent on concurrent.subscription_id = prices.subscription_id
    left join only_items on only_items.subscription_id = prices.subscription_id
)

select * from found
