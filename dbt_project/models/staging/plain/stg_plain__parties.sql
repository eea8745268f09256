-- grain: one row per customer record, and per ticket, answer, invitation or event that names somebody only by e-mail
with customers as (
    select
        _system as system, 'customers' as object, customer_ref as source_ref,
        coalesce(kind, case when domain is null then 'person' else 'organisation' end) as kind,
        name, {{ email_address('email') }} as email, {{ domain_of_website('domain') }} as own_domain,
        phone, street, city, postcode, country, segment, acquisition_source, referred_by_ref,
        created_at, coalesce(is_test, false) as is_test, false as is_mention, _batch_id as batch_id, _record as record
    from {{ accepted_records('plain', 'customers') }}
),

strangers as (
    select
        system, object, source_ref, 'person' as kind, cast(null as string) as name, email,
        cast(null as string) as own_domain, cast(null as string) as phone, cast(null as string) as street,
        cast(null as string) as city, cast(null as string) as postcode, cast(null as string) as country,
        cast(null as string) as segment, cast(null as string) as acquisition_source,
        cast(null as string) as referred_by_ref, met_at as created_at, false as is_test, true as is_mention, batch_id, record
    from {{ ref('stg_plain__strangers') }}
),

everyone as (
    select * from customers
    union all
    select * from strangers
),

offered as (
    select
        'plain' as vendor, system, object, source_ref,
        kind, name, email, coalesce(own_domain, {{ domain_of_email('email') }}) as domain,
        phone, street, city, postcode, country, segment, acquisition_source, referred_by_ref,
        {{ company_day('created_at') }} as created_on, is_test, false as is_deleted, is_mention, batch_id,
        record
    from everyone
)

select * from offered
