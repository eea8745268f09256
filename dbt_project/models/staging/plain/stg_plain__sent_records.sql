-- grain: one row per customer and ticket that an extract ever named
with customers as (
    {{ sent_records('plain', 'customers', 'customer_ref') }}
),

tickets as (
    {{ sent_records('plain', 'tickets', 'ticket_ref') }}
)

select * from customers
union all
select * from tickets
