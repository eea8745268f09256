-- grain: one row per customer record and day from which it holds another segment;
-- `seen_from` null: since the beginning (the first seen)
with history as (
    select * from {{ record_history('plain', 'customers') }}
    -- an extract without the segment column says nothing about segments
    where segment is not null
),

changes as (
    select
        *,
        lag(segment) over (partition by _system, customer_ref order by _extracted_at, _batch_id, _record) as earlier_segment
    from history
    qualify segment is distinct from earlier_segment
),

dated as (
    select
        *,
        case when earlier_segment is not null then {{ company_day('_extracted_at') }} end as seen_from
    from changes
),

offered as (
    select 'plain' as vendor, _system as system, 'customers' as object, customer_ref as source_ref, segment, seen_from
    from dated
    qualify row_number() over (
        partition by _system, customer_ref, seen_from
        order by _extracted_at desc, _batch_id desc, _record desc
    ) = 1
)

select * from offered
