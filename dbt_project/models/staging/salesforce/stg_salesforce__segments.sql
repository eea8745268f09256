-- grain: one row per account and day from which it holds another segment;
-- `seen_from` null: since the beginning (the first seen)
with history as (
    select
        _system as system, 'accounts' as object, {{ salesforce_id('id') }} as source_ref, segment,
        coalesce(last_modified_date, _extracted_at) as changed_at, {{ salesforce_stamp() }} as stamped_at,
        _extracted_at, _batch_order, _record
    from {{ record_history('salesforce', 'accounts') }}
    -- an extract without the segment column says nothing about segments
    where segment is not null
),

offered as (
    select 'salesforce' as vendor, * from {{ segment_changes('history', 'stamped_at') }} as changes
)

select * from offered
