-- grain: one row per customer and day from which it holds another segment;
-- `seen_from` null: since the beginning (the first seen)
with versions as (
    select
        _system as system, 'customers' as object, id as source_ref,
        coalesce(segment, {{ json_text('meta_data', 'segment') }}) as segment,
        coalesce(updated_at, _extracted_at) as changed_at, _extracted_at, _batch_order, _record
    from {{ record_history('chargebee', 'customers') }}
),

history as (
    -- an extract without the segment says nothing about segments
    select * from versions
    where segment is not null
),

offered as (
    select 'chargebee' as vendor, * from {{ segment_changes('history') }} as changes
)

select * from offered
