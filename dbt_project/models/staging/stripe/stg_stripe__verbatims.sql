-- grain: one row per subscription whose customer wrote why it was cancelled
with subscriptions as (
    select * from {{ accepted_records('stripe', 'subscriptions') }}
),

offered as (
    select
        'stripe' as vendor, 'stripe' as system, 'subscriptions' as object, id as source_ref, _batch_id as batch_id, _record as record,
        {{ json_text('cancellation_details', 'comment') }} as text
    from subscriptions
)

select * from offered
where text is not null
