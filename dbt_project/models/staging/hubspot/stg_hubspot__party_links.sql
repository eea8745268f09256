-- grain: one row per statement in a company or contact that it belongs with another record
with merged as (
    select system, object, source_ref, object as to_object, into_ref as to_ref, 'source_merge' as rule,
        merged_on as stated_on
    from {{ ref('stg_hubspot__merges') }}
    where object <> 'deals'
),

-- the customer is the root of a hierarchy of companies
owned as (
    select system, 'companies' as object, company_id as source_ref, 'companies' as to_object,
        parent_company_id as to_ref, 'member_of' as rule, cast(null as date) as stated_on
    from {{ ref('stg_hubspot__companies') }}
    where parent_company_id <> company_id
),

-- of the primary company alone: who works with two would make one customer of them
members as (
    select system, 'contacts' as object, contact_id as source_ref, 'companies' as to_object,
        company_id as to_ref, 'member_of' as rule, cast(null as date) as stated_on
    from {{ ref('stg_hubspot__contacts') }}
    where company_id is not null
),

stated as (
    select * from merged
    union all
    select * from owned
    union all
    select * from members
),

offered as (
    select 'hubspot' as vendor, system, object, source_ref,
        'hubspot' as to_vendor, system as to_system, to_object, to_ref, rule, stated_on
    from stated
)

select * from offered
