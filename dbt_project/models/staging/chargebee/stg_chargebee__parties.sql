-- grain: one row per customer
with customers as (
    select * from {{ ref('stg_chargebee__customers') }}
),

offered as (
    select
        'chargebee' as vendor, system, 'customers' as object, customer_id as source_ref,
        case when company is null then 'person' else 'organisation' end as kind,
        name, email, {{ domain_of_email('email') }} as domain, phone, street, city, postcode, country, segment,
        cast(null as string) as acquisition_source, cast(null as string) as referred_by_ref,
        {{ company_day('created_at') }} as created_on, false as is_test, is_deleted, false as is_mention, batch_id, record
    from customers
)

select * from offered
