-- grain: one row per company and per contact
with companies as (
    select
        system, 'companies' as object, company_id as source_ref, 'organisation' as kind, name, cast(null as string) as email,
        domain, phone, street, city, postal_code as postcode, country, segment, original_source, created_at, is_deleted,
        batch_id, record
    from {{ ref('stg_hubspot__companies') }}
),

contacts as (
    select
        system, 'contacts' as object, contact_id as source_ref, 'person' as kind, name, email,
        {{ domain_of_email('email') }} as domain, phone, street, city, postal_code as postcode, country,
        cast(null as string) as segment, original_source, created_at, is_deleted, batch_id, record
    from {{ ref('stg_hubspot__contacts') }}
),

everyone as (
    select * from companies
    union all
    select * from contacts
),

offered as (
    select
        'hubspot' as vendor, system, object, source_ref, kind, name, email, domain, phone, street, city, postcode, country,
        segment, original_source as acquisition_source, cast(null as string) as referred_by_ref,
        {{ company_day('created_at') }} as created_on, false as is_test, is_deleted, false as is_mention, batch_id, record
    from everyone
)

select * from offered
