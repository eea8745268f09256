-- grain: one row per response that says by e-mail or reference who answered
with answers as (
    select * from {{ ref('stg_surveymonkey__answers') }}
    where party_ref is not null
),

offered as (
    select
        'surveymonkey' as vendor, system, 'responses' as object, party_ref as source_ref,
        'person' as kind, name, email, {{ domain_of_email('email') }} as domain, cast(null as string) as phone,
        cast(null as string) as street, cast(null as string) as city, cast(null as string) as postcode,
        cast(null as string) as country, cast(null as string) as segment, cast(null as string) as acquisition_source,
        cast(null as string) as referred_by_ref, {{ company_day('responded_at') }} as created_on,
        false as is_test, false as is_deleted, true as is_mention, batch_id, record
    from answers
)

select * from offered
