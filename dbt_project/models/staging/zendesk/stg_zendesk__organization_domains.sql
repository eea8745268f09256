-- grain: one row per organisation and domain of its people's addresses
with organizations as (
    select
        _system as system, id as organization_id, {{ zendesk_list('domain_names') }} as domain_list,
        _batch_id as batch_id, _record as record
    from {{ accepted_records('zendesk', 'organizations') }}
),

places as (
    select *, {{ zendesk_places('domain_list') }} as place
    from organizations
),

stated as (
    select system, organization_id, {{ zendesk_word('domain_list', 'place') }} as domain_name, place, batch_id, record
    from places
    union all
    select
        organizations.system, organizations.organization_id, domains.domain_name, domains.place,
        domains._batch_id as batch_id, domains._record as record
    from {{ accepted_records('zendesk', 'organization_domains') }} as domains
    inner join organizations
        on domains._system = organizations.system
        and domains.organization_id = organizations.organization_id
),

cleaned as (
    select
        system, organization_id, {{ domain_of_website('domain_name') }} as domain,
        coalesce(place, 0) as place, batch_id, record
    from stated
),

once as (
    select * from cleaned
    where domain is not null
    qualify row_number() over (partition by system, organization_id, domain order by place, batch_id, record) = 1
),

ordered as (
    select
        system, organization_id, domain, batch_id, record,
        row_number() over (partition by system, organization_id order by place, domain) = 1 as is_first
    from once
)

select * from ordered
