-- grain: one row per statement in a user or an organisation that it belongs with another record
with users as (
    select system, 'users' as object, user_id as source_ref, organization_id, external_id
    from {{ ref('stg_zendesk__users') }}
    where not is_staff
),

organizations as (
    select _system as system, 'organizations' as object, id as source_ref, external_id
    from {{ accepted_records('zendesk', 'organizations') }}
),

domains as (
    select
        system, 'organization_domains' as object, organization_id || '@' || domain as source_ref,
        organization_id
    from {{ ref('stg_zendesk__organization_domains') }}
    where not is_first
),

members as (
    select system, object, source_ref, organization_id from users
    where organization_id is not null
    union all
    select system, object, source_ref, organization_id from domains
),

named as (
    select system, object, source_ref, external_id from users
    union all
    select system, object, source_ref, external_id from organizations
),

-- the first three characters of a Salesforce id tell its object
of_salesforce as (
    select
        system, object, source_ref,
        case when external_id like '003%' then 'contacts' else 'accounts' end as to_object,
        {{ salesforce_id('external_id') }} as to_ref
    from named
    where {{ matches('external_id', '00[13][A-Za-z0-9]{12}([A-Za-z0-9]{3})?') }}
),

-- a Stripe customer stands under one of two objects; a link to where it does not stand ties nothing
of_stripe as (
    {%- for object in ['customers', 'dashboard_customers'] %}
    select system, object, source_ref, '{{ object }}' as to_object, external_id as to_ref
    from named
    where {{ matches('external_id', 'cus_[A-Za-z0-9]+') }}
    {%- if not loop.last %}
    union all
    {%- endif -%}
    {%- endfor %}
),

offered as (
    select 'zendesk' as vendor, system, object, source_ref, 'zendesk' as to_vendor, system as to_system,
        'organizations' as to_object, organization_id as to_ref, 'member_of' as rule
    from members
    union all
    select 'zendesk', system, object, source_ref, 'salesforce', 'salesforce', to_object, to_ref, 'external_id'
    from of_salesforce
    union all
    select 'zendesk', system, object, source_ref, 'stripe', 'stripe', to_object, to_ref, 'external_id'
    from of_stripe
)

select * from offered
