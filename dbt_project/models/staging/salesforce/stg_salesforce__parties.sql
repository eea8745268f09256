-- grain: one row per account, per contact, and per case that says only by e-mail who wrote
with accounts as (
    select
        system, 'accounts' as object, account_id as source_ref,
        case when is_person then 'person' else 'organisation' end as kind, name, email,
        coalesce(website_domain, {{ domain_of_email('email') }}) as domain, phone,
        billing_street as street, billing_city as city, billing_postal_code as postcode, billing_country as country,
        segment, account_source as acquisition_source, created_at, is_test, is_deleted, false as is_mention, batch_id,
        record
    from {{ ref('stg_salesforce__accounts') }}
),

contacts as (
    select
        system, 'contacts' as object, contact_id as source_ref, 'person' as kind, name, email,
        {{ domain_of_email('email') }} as domain, phone,
        mailing_street as street, mailing_city as city, mailing_postal_code as postcode, mailing_country as country,
        cast(null as string) as segment, lead_source as acquisition_source,
        created_at, false as is_test, is_deleted, false as is_mention, batch_id, record
    from {{ ref('stg_salesforce__contacts') }}
),

writers as (
    select
        system, 'cases' as object, case_id as source_ref, 'person' as kind, cast(null as string) as name, email,
        {{ domain_of_email('email') }} as domain, cast(null as string) as phone,
        cast(null as string) as street, cast(null as string) as city, cast(null as string) as postcode,
        cast(null as string) as country, cast(null as string) as segment, cast(null as string) as acquisition_source,
        opened_at as created_at, false as is_test, false as is_deleted, true as is_mention, batch_id, record
    from {{ ref('stg_salesforce__cases') }}
    where party_object = 'cases'
),

everyone as (
    select * from accounts
    union all
    select * from contacts
    union all
    select * from writers
),

offered as (
    select
        'salesforce' as vendor, system, object, source_ref,
        kind, name, email, domain, phone, street, city, postcode, country,
        segment, acquisition_source, cast(null as string) as referred_by_ref,
        {{ company_day('created_at') }} as created_on, is_test, is_deleted, is_mention, batch_id, record
    from everyone
)

select * from offered
