-- grain: one row per company and contact that an extract ever named, or that was merged into one
with sent as (
    {{ sent_records('hubspot', 'companies', 'record_id', 'is_deleted', 'modified_at') }}
    union all
    {{ sent_records('hubspot', 'contacts', 'record_id', 'is_deleted', 'modified_at') }}
),

merged as (
    select distinct system, object, source_ref from {{ ref('stg_hubspot__merges') }}
    where object <> 'deals'
),

-- what was merged away may have gone before the first extract
everyone as (
    select
        'hubspot' as vendor, system, object, source_ref, sent.last_seen_at, coalesce(sent.is_good, false) as is_good,
        coalesce(sent.is_deleted, false) or merged.source_ref is not null as is_deleted,
        coalesce(sent.is_left_out, false) as is_left_out
    from sent
    full join merged using (system, object, source_ref)
)

select * from everyone
