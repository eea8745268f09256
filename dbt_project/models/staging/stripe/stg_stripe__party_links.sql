-- grain: one row per customer whose metadata names a Salesforce record
with

customers as (select * from {{ ref('stg_stripe__customers') }} where salesforce_id is not null),

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
        {{ salesforce_id('salesforce_id') }} as to_ref,
        'external_id' as rule
    from customers
)

select * from offered
