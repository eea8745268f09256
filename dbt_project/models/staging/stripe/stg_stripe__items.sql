-- grain: one row per subscription item
with

items as (select * from {{ accepted_records('stripe', 'subscription_items') }} as accepted),

first_seen as (
    select id, min(_extracted_at) as seen_at from {{ record_history('stripe', 'subscription_items') }} as versions
    group by id
),

stated as (
    select
        items.id as item_id,
        subscription_id,
        price_id,
        coalesce(quantity, 1) as quantity,
        created as created_at,
        coalesce(created, current_period_start, first_seen.seen_at) as known_from,
        current_period_end as period_ends_at,
        coalesce(deleted, false) as is_deleted,
        _batch_id as batch_id,
        _record as record
    from items
    left join first_seen on first_seen.id = items.id
)

select * from stated
