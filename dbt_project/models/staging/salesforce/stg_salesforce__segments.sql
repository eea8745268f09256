-- grain: one row per account and day from which it holds another segment;
-- `seen_from` null: since the beginning (the first seen)
with history as (
    select * from {{ record_history('salesforce', 'accounts') }}
),

-- an extract without the segment column says nothing about segments
versions as (
    select
        _system as system,
        {{ salesforce_id('id') }} as account_id,
        segment,
        coalesce(last_modified_date, _extracted_at) as changed_at,
        _extracted_at as extracted_at,
        _batch_id as batch_id,
        _record as record
    from history
    where segment is not null
),

changes as (
    select
        *,
        lag(segment) over (
            partition by system, account_id
            order by extracted_at, changed_at, batch_id, record
        ) as earlier_segment
    from versions
    qualify segment is distinct from earlier_segment
),

dated as (
    select
        *,
        case when earlier_segment is not null then {{ company_day('changed_at') }} end as seen_from
    from changes
),

offered as (
    select 'salesforce' as vendor, system, 'accounts' as object, account_id as source_ref, segment, seen_from
    from dated
    qualify row_number() over (
        partition by system, account_id, seen_from
        order by extracted_at desc, changed_at desc, batch_id desc, record desc
    ) = 1
)

select * from offered
