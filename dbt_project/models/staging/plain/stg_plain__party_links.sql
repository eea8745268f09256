-- grain: one row per customer record that belongs to another
with customers as (
    select * from {{ accepted_records('plain', 'customers') }}
    where parent_ref is not null
        and parent_ref <> customer_ref
),

offered as (
    select
        'plain' as vendor, _system as system, 'customers' as object, customer_ref as source_ref,
        'plain' as to_vendor, _system as to_system, 'customers' as to_object, parent_ref as to_ref,
        'member_of' as rule
    from customers
)

select * from offered
