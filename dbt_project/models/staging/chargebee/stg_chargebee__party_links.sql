-- grain: one row per customer that names a Salesforce record, and per customer below another
with customers as (
    select * from {{ ref('stg_chargebee__customers') }}
),

stated as (
    select
        system, customer_id as source_ref, 'salesforce' as to_vendor, 'salesforce' as to_system,
        -- the first three characters of a Salesforce id tell its object
        case when substr(salesforce_id, 1, 3) = '003' then 'contacts' else 'accounts' end as to_object,
        {{ salesforce_reference('salesforce_id') }} as to_ref, 'external_id' as rule
    from customers
    -- what is no id of theirs, such as n/a, names nobody
    where {{ salesforce_reference('salesforce_id') }} is not null
    union all
    select
        system, customer_id as source_ref, 'chargebee' as to_vendor, system as to_system, 'customers' as to_object,
        parent_id as to_ref, 'member_of' as rule
    from customers
    where parent_id <> customer_id
),

offered as (
    select 'chargebee' as vendor, system, 'customers' as object, source_ref, to_vendor, to_system, to_object, to_ref, rule
    from stated
)

select * from offered
