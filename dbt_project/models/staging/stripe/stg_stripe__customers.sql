-- grain: one row per customer; the API's record of one wins over the dashboard's
with

customers as (select * from {{ accepted_records('stripe', 'customers') }} as accepted),

dashboard_customers as (select * from {{ accepted_records('stripe', 'dashboard_customers') }} as accepted),

stated as (
    select
        'customers' as object, id as customer_id, name, {{ email_address('email') }} as email, phone,
        address_line_1, address_city, address_postal_code, address_country,
        coalesce(
            {{ json_text('metadata', 'salesforce_account_id') }},
            {{ json_text('metadata', 'salesforce_id') }}
        ) as salesforce_id,
        {{ json_text('metadata', 'segment') }} as segment,
        created, coalesce(not livemode, false) as is_test, coalesce(deleted, false) as is_deleted,
        _batch_id as batch_id, _record as record
    from customers
    union all
    select
        'dashboard_customers', id, name, {{ email_address('email') }}, cast(null as string),
        cast(null as string), cast(null as string), cast(null as string), cast(null as string),
        salesforce_account_id,
        segment,
        created, false, false, _batch_id, _record
    from dashboard_customers
    where id not in (select id from customers)
)

select * from stated
