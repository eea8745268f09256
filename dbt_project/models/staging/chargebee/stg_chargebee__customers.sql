-- grain: one row per customer
with customers as (
    select * from {{ newest_of(
        source('chargebee', 'customers'), 'chargebee', 'customers', ['id'], 'updated_at'
    ) }}
),

stated as (
    select
        _system as system,
        id as customer_id,
        parent_id,
        company,
        coalesce(company, {{ filled("coalesce(first_name, '') || ' ' || coalesce(last_name, '')") }}) as name,
        {{ email_address('email') }} as email,
        phone,
        billing_address_line_1 as street,
        billing_address_city as city,
        billing_address_zip as postcode,
        billing_address_country as country,
        coalesce(
            salesforce_id,
            {{ json_text('meta_data', 'salesforce_account_id') }},
            {{ json_text('meta_data', 'salesforce_id') }}
        ) as salesforce_id,
        coalesce(segment, {{ json_text('meta_data', 'segment') }}) as segment,
        coalesce(deleted, false) as is_deleted,
        created_at,
        _batch_id as batch_id,
        _record as record
    from customers
)

select * from stated
