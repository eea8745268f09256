-- grain: one row per contact or response whose external reference is a Salesforce contact or account
with contacts as (
    select
        _system as system, 'contacts' as object, contact_id as source_ref,
        {{ salesforce_reference('external_reference') }} as salesforce_id
    from {{ accepted_records('qualtrics', 'contacts') }}
),

everyone as (
    select * from contacts
    union all
    select system, object, party_ref, salesforce_id from {{ ref('stg_qualtrics__answers') }}
),

offered as (
    select
        'qualtrics' as vendor, system, object, source_ref,
        'salesforce' as to_vendor, 'salesforce' as to_system,
        case when salesforce_id like '003%' then 'contacts' else 'accounts' end as to_object,
        salesforce_id as to_ref,
        'external_id' as rule
    from everyone
    where salesforce_id is not null
)

select * from offered
