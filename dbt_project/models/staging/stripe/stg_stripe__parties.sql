-- grain: one row per customer
with

customers as (select * from {{ ref('stg_stripe__customers') }}),

offered as (
    select
        'stripe' as vendor,
        'stripe' as system,
        object,
        customer_id as source_ref,
        'organisation' as kind,
        name,
        email,
        {{ domain_of_email('email') }} as domain,
        phone,
        address_line_1 as street,
        address_city as city,
        address_postal_code as postcode,
        address_country as country,
        segment,
        cast(null as string) as acquisition_source,
        cast(null as string) as referred_by_ref,
        {{ company_day('created') }} as created_on,
        is_test,
        is_deleted,
        false as is_mention,
        batch_id,
        record
    from customers
)

select * from offered
