-- grain: one row per customer that an extract ever named; the API's record of one stands for the dashboard's
with customers as (
    {{ sent_records('stripe', 'customers', 'id', 'deleted') }}
),

dashboard_customers as (
    {{ sent_records('stripe', 'dashboard_customers', 'id') }}
),

of_the_dashboard_alone as (
    select dashboard_customers.*
    from dashboard_customers
    anti join customers on dashboard_customers.source_ref = customers.source_ref
)

select * from customers
union all
select * from of_the_dashboard_alone
