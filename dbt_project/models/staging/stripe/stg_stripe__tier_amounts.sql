-- grain: one row per tiered price, currency and quantity that was ever billed for a whole interval
-- Stripe never changes the tiers of a price, so what one interval cost is what every interval costs.
with

lines as (select * from {{ ref('stg_stripe__tiered_lines') }} where not is_proration),

amounts as (
    select price_id, currency, quantity, max(minor_amount) as minor_amount
    from lines
    group by price_id, currency, quantity
)

select * from amounts
