-- grain: one row per customer that an extract ever named
with customers as (
    {{ sent_records('chargebee', 'customers', 'id', 'deleted', 'updated_at') }}
)

select * from customers
