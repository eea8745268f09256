-- grain: one row per customer and day from which it holds another segment;
-- `seen_from` null: since the beginning (the first seen)
with

customers as (select * from {{ record_history('stripe', 'customers') }} as versions),

dashboard_customers as (select * from {{ record_history('stripe', 'dashboard_customers') }} as versions),

parties as (select object, source_ref from {{ ref('stg_stripe__parties') }}),

versions as (
    select
        'customers' as object, id as source_ref, {{ json_text('metadata', 'segment') }} as segment,
        _extracted_at, _batch_order, _record
    from customers
    union all
    select 'dashboard_customers', id, segment, _extracted_at, _batch_order, _record
    from dashboard_customers
),

history as (
    select
        'stripe' as system, versions.object, versions.source_ref, versions.segment,
        versions._extracted_at as changed_at, versions._extracted_at, versions._batch_order, versions._record
    from versions
    inner join parties on parties.object = versions.object and parties.source_ref = versions.source_ref
    where versions.segment is not null
),

offered as (
    select 'stripe' as vendor, * from {{ segment_changes('history') }} as changes
)

select * from offered
