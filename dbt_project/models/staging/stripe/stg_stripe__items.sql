-- grain: one row per subscription item
with

items as (select * from {{ accepted_records('stripe', 'subscription_items') }} as accepted),

stated as (
    select
        id as item_id,
        subscription_id,
        price_id,
        coalesce(quantity, 1) as quantity,
        created as created_at,
        current_period_start as period_starts_at,
        current_period_end as period_ends_at,
        coalesce(deleted, false) as is_deleted,
        _batch_id as batch_id,
        _record as record
    from items
)

select * from stated
