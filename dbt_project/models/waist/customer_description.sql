-- grain: one row per customer, what the earliest of its records that say so tell of it
with records as (
    select
        parties.customer_id,
        records.country,
        records.acquisition_source,
        row_number() over (
            partition by parties.customer_id
            order by records.created_on nulls last, vendor, system, object, source_ref
        ) as nth
    from {{ ref('party_record') }} as records
    inner join {{ ref('customer_record') }} as parties using (vendor, system, object, source_ref)
),

described as (
    select
        customer_id,
        min_by(country, nth) filter (where country is not null) as country,
        min_by(acquisition_source, nth) filter (where acquisition_source is not null) as acquisition_source
    from records
    group by customer_id
)

select * from described
