-- grain: one row per company
with records as (
    select * from {{ newest_of(
        source('hubspot', 'companies'), 'hubspot', 'companies', ['record_id'], 'modified_at'
    ) }}
),

merged as (
    select distinct system, source_ref from {{ ref('stg_hubspot__merges') }}
    where object = 'companies'
),

renamed as (
    select
        records._system as system,
        records.record_id as company_id,
        {{ hubspot_first('records.parent_company_ids') }} as parent_company_id,
        records.name,
        coalesce({{ domain_of_website('records.domain') }}, {{ domain_of_website('records.website') }}) as domain,
        records.phone,
        records.street,
        records.city,
        records.postal_code,
        records.country,
        records.segment,
        records.original_source,
        coalesce(records.is_deleted, false) or merged.source_ref is not null as is_deleted,
        records.created_at,
        records._batch_id as batch_id,
        records._record as record
    from records
    left join merged
        on records._system = merged.system
        and records.record_id = merged.source_ref
)

select * from renamed
