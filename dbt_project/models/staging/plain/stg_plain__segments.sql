-- grain: one row per customer record and day from which it holds another segment;
-- `seen_from` null: since the beginning (the first seen)
with history as (
    select
        _system as system, 'customers' as object, customer_ref as source_ref, segment, _extracted_at as changed_at,
        _extracted_at, _batch_order, _record
    from {{ record_history('plain', 'customers') }}
    -- an extract without the segment column says nothing about segments
    where segment is not null
),

offered as (
    select 'plain' as vendor, * from {{ segment_changes('history') }} as changes
)

select * from offered
