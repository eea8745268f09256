-- grain: one row per person of a project, by its own record or by what others tell of it, and per response of somebody
-- known by e-mail alone; employees are none
with people as (
    select
        _system as system, 'people' as object, id as source_ref, name, {{ email_address('email') }} as email,
        phone_number as phone, created_at, _batch_id as batch_id, _record as record
    from {{ accepted_records('delighted', 'people') }} as people
    anti join {{ ref('stg_delighted__employees') }} as employees
        on people._system = employees.system and people.id = employees.person_ref
),

told as (
    select system, party_object as object, party_ref as source_ref, name, email, phone, responded_at as created_at, batch_id, record
    from {{ ref('stg_delighted__answers') }}
    where party_ref is not null
    union all
    select
        _system, 'people', person_id, name, {{ email_address('email') }}, null, unsubscribed_at, _batch_id, _record
    from {{ accepted_records('delighted', 'unsubscribes') }} as unsubscribes
    anti join {{ ref('stg_delighted__employees') }} as employees
        on unsubscribes._system = employees.system and unsubscribes.person_id = employees.person_ref
),

-- the latest that tells an address; an id alone is no record of a person
strangers as (
    select told.*
    from told
    anti join people
        on told.system = people.system
        and told.object = people.object
        and told.source_ref = people.source_ref
    where told.email is not null or told.name is not null
    qualify row_number() over (
        partition by told.system, told.object, told.source_ref
        order by told.email is not null desc, told.created_at desc nulls last, told.batch_id desc, told.record desc
    ) = 1
),

everyone as (
    select * from people
    union all
    select * from strangers
),

-- a list of who may be asked, not of who buys: all are mentions
offered as (
    select
        'delighted' as vendor, system, object, source_ref,
        'person' as kind, name, email, {{ domain_of_email('email') }} as domain, phone,
        cast(null as string) as street, cast(null as string) as city, cast(null as string) as postcode,
        cast(null as string) as country, cast(null as string) as segment, cast(null as string) as acquisition_source,
        cast(null as string) as referred_by_ref, {{ company_day('created_at') }} as created_on,
        false as is_test, false as is_deleted, true as is_mention, batch_id, record
    from everyone
)

select * from offered
