-- grain: one row per contact
with records as (
    select * from {{ newest_of(
        source('hubspot', 'contacts'), 'hubspot', 'contacts', ['record_id'], 'modified_at'
    ) }}
),

merged as (
    select distinct system, source_ref from {{ ref('stg_hubspot__merges') }}
    where object = 'contacts'
),

renamed as (
    select
        records._system as system,
        records.record_id as contact_id,
        coalesce(
            {{ hubspot_first('records.primary_company_id') }}, {{ hubspot_first('records.associated_company_ids') }}
        ) as company_id,
        {{ filled("coalesce(records.first_name, '') || ' ' || coalesce(records.last_name, '')") }} as name,
        {{ email_address('records.email') }} as email,
        records.phone,
        records.street,
        records.city,
        records.postal_code,
        records.country,
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
