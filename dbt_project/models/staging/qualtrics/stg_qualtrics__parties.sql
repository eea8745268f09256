-- grain: one row per contact of the directory, and per response that says by e-mail or reference who answered
with contacts as (
    select
        _system as system, 'contacts' as object, contact_id as source_ref,
        {{ filled("coalesce(first_name, '') || ' ' || coalesce(last_name, '')") }} as name,
        {{ email_address('email') }} as email, phone, cast(null as date) as created_on, _batch_id as batch_id,
        _record as record
    from {{ accepted_records('qualtrics', 'contacts') }}
),

answers as (
    select
        system, object, party_ref as source_ref, name, email, cast(null as string) as phone,
        {{ company_day('responded_at') }} as created_on, batch_id, record
    from {{ ref('stg_qualtrics__answers') }}
    where party_object = object
),

everyone as (
    select * from contacts
    union all
    select * from answers
),

-- a directory holds who may be asked, not who buys: its people are mentions too
offered as (
    select
        'qualtrics' as vendor, system, object, source_ref,
        'person' as kind, name, email, {{ domain_of_email('email') }} as domain, phone,
        cast(null as string) as street, cast(null as string) as city, cast(null as string) as postcode,
        cast(null as string) as country, cast(null as string) as segment, cast(null as string) as acquisition_source,
        cast(null as string) as referred_by_ref, created_on,
        false as is_test, false as is_deleted, true as is_mention, batch_id, record
    from everyone
)

select * from offered
