-- grain: one row per response whose custom data is a Salesforce contact or account
with answers as (
    select * from {{ ref('stg_surveymonkey__answers') }}
    where salesforce_id is not null
),

offered as (
    select
        'surveymonkey' as vendor, system, 'responses' as object, party_ref as source_ref,
        'salesforce' as to_vendor, 'salesforce' as to_system,
        case when salesforce_id like '003%' then 'contacts' else 'accounts' end as to_object,
        salesforce_id as to_ref,
        'external_id' as rule
    from answers
)

select * from offered
