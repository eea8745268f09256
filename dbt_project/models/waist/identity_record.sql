-- grain: one row per source record of a person or an organisation, whether its own record arrived or others only
-- name it
{%- set described = ['name', 'email', 'domain', 'phone', 'street', 'city', 'postcode'] %}
with parties as (
    select
        vendor, system, object, source_ref, kind, created_on, is_test, is_mention, false as is_orphan,
        {{ described | join(', ') }}
    from {{ ref('party_record') }}
),

named as (
    select vendor, system, object, source_ref from {{ ref('named_party') }}
),

orphans as (
    select
        vendor, system, object, source_ref, cast(null as string) as kind, cast(null as date) as created_on,
        false as is_test, false as is_mention, true as is_orphan
        {%- for column in described %}, cast(null as string) as {{ column }}{% endfor %}
    from named
    anti join parties using (vendor, system, object, source_ref)
),

records as (
    select * from parties
    union all
    select * from orphans
)

select * from records
