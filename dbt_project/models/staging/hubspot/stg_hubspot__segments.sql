-- grain: one row per company and day from which it holds another segment;
-- `seen_from` null: since the beginning (the first seen)
with history as (
    select
        _system as system, 'companies' as object, record_id as source_ref, segment,
        coalesce(modified_at, _extracted_at) as changed_at, _extracted_at, _batch_order, _record
    from {{ record_history('hubspot', 'companies') }}
    -- an extract without the segment column says nothing about segments
    where segment is not null
),

offered as (
    select 'hubspot' as vendor, * from {{ segment_changes('history') }} as changes
)

select * from offered
