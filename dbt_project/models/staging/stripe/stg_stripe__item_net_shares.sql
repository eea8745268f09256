-- grain: one row per subscription item that was billed at a price with tax in it, as its newest period tells the tax
-- A part of a period is too small an amount to read a share off it.
with

lines as (
    select * from {{ ref('stg_stripe__service_lines') }}
    where net_share is not null and not is_proration and not is_void
),

newest as (
    select subscription_id, item_id, price_id, net_share
    from lines
    qualify row_number() over (
        partition by subscription_id, item_id order by starts_at desc, abs(minor_amount) desc, line_id
    ) = 1
)

select * from newest
