-- grain: one row per statement in an account or contact that it belongs with another record
with accounts as (
    select * from {{ ref('stg_salesforce__accounts') }}
),

contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
),

-- the record that a merge takes in changes with it, and never again
merged as (
    select system, 'accounts' as object, account_id as source_ref, 'accounts' as to_object,
        master_account_id as to_ref, 'source_merge' as rule, {{ company_day('changed_at') }} as stated_on
    from accounts
    where master_account_id is not null
    union all
    select system, 'contacts' as object, contact_id as source_ref, 'contacts' as to_object,
        master_contact_id as to_ref, 'source_merge' as rule, {{ company_day('changed_at') }} as stated_on
    from contacts
    where master_contact_id is not null
),

-- the customer is the root of a hierarchy of accounts
owned as (
    select system, 'accounts' as object, account_id as source_ref, 'accounts' as to_object,
        parent_account_id as to_ref, 'member_of' as rule, cast(null as date) as stated_on
    from accounts
    where parent_account_id <> account_id
),

-- a person account is one person in two files, an ordinary contact one person of an organisation
members as (
    select contacts.system, 'contacts' as object, contacts.contact_id as source_ref, 'accounts' as to_object,
        contacts.account_id as to_ref,
        case
            when contacts.is_person_account or accounts.person_contact_id = contacts.contact_id then 'source_merge'
            else 'member_of'
        end as rule,
        cast(null as date) as stated_on
    from contacts
    left join accounts
        on contacts.system = accounts.system
        and contacts.account_id = accounts.account_id
    where contacts.account_id is not null
),

stated as (
    select * from merged
    union all
    select * from owned
    union all
    select * from members
),

offered as (
    select 'salesforce' as vendor, system, object, source_ref,
        'salesforce' as to_vendor, system as to_system, to_object, to_ref, rule, stated_on
    from stated
)

select * from offered
