-- grain: one row per organisation, per further domain of one, and per user who asks
with domains as (
    select * from {{ ref('stg_zendesk__organization_domains') }}
),

organizations as (
    select
        records._system as system, 'organizations' as object, records.id as source_ref, 'organisation' as kind,
        records.name, cast(null as string) as email, domains.domain, cast(null as string) as phone,
        records.created_at, records.deleted_at is not null as is_deleted, false as is_mention,
        records._batch_id as batch_id, records._record as record
    from {{ accepted_records('zendesk', 'organizations') }} as records
    left join domains
        on records._system = domains.system
        and records.id = domains.organization_id
        and domains.is_first
),

-- a record has one domain, so each further one has a record, without a day of its own: it must not be the earliest
further_domains as (
    select
        system, 'organization_domains' as object, organization_id || '@' || domain as source_ref,
        'organisation' as kind, cast(null as string) as name, cast(null as string) as email, domain,
        cast(null as string) as phone, cast(null as timestamp) as created_at, false as is_deleted,
        true as is_mention, batch_id, record
    from domains
    where not is_first
),

users as (
    select
        system, 'users' as object, user_id as source_ref, 'person' as kind, name, email,
        {{ domain_of_email('email') }} as domain, phone, created_at, is_deleted, is_mention, batch_id, record
    from {{ ref('stg_zendesk__users') }}
    where not is_staff
),

everyone as (
    select * from organizations
    union all
    select * from further_domains
    union all
    select * from users
),

offered as (
    select
        'zendesk' as vendor, system, object, source_ref, kind, name, email, domain, phone,
        cast(null as string) as street, cast(null as string) as city, cast(null as string) as postcode,
        cast(null as string) as country, cast(null as string) as segment, cast(null as string) as acquisition_source,
        cast(null as string) as referred_by_ref, {{ company_day('created_at') }} as created_on,
        false as is_test, is_deleted, is_mention, batch_id, record
    from everyone
)

select * from offered
