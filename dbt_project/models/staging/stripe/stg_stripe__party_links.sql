-- grain: one row per customer whose metadata names a Salesforce record
with

-- what is no id of theirs, such as n/a, names nobody
customers as (
    select object, customer_id, salesforce_id, {{ salesforce_reference('salesforce_id') }} as to_ref
    from {{ ref('stg_stripe__customers') }}
),

offered as (
    select
        'stripe' as vendor,
        'stripe' as system,
        object,
        customer_id as source_ref,
        'salesforce' as to_vendor,
        'salesforce' as to_system,
        -- the first three characters of a Salesforce id tell its object
        case when substr(salesforce_id, 1, 3) = '003' then 'contacts' else 'accounts' end as to_object,
        to_ref,
        'external_id' as rule
    from customers
    where to_ref is not null
)

select * from offered
