-- grain: one row per source record that changed its customer and the days it belonged to each, [valid_from, valid_to)
-- What is one with a test account in the end counts nowhere, so it never moved either; and whoever was taken for one is
-- the next customer from then on.
with test_customers as (
    select distinct stayed.customer_id
    from {{ ref('identity_stay') }} as stayed
    inner join {{ ref('identity_record') }} as records using (vendor, system, object, source_ref)
    where stayed.valid_to is null and records.is_test
),

movers as (
    select
        stayed.vendor, stayed.system, stayed.object, stayed.source_ref,
        cast(row_number() over (
            order by stayed.vendor, stayed.system, stayed.object, stayed.source_ref
        ) as integer) as mover
    from {{ ref('identity_stay') }} as stayed
    anti join test_customers on stayed.customer_id = test_customers.customer_id
    where stayed.valid_from is not null and stayed.valid_to is null
),

counted as (
    select
        movers.mover,
        movers.vendor, movers.system, movers.object, movers.source_ref,
        stayed.customer_id, stayed.valid_from, stayed.valid_to
    from {{ ref('identity_stay') }} as stayed
    inner join movers
        on stayed.vendor = movers.vendor
        and stayed.system = movers.system
        and stayed.object = movers.object
        and stayed.source_ref = movers.source_ref
    anti join test_customers on stayed.customer_id = test_customers.customer_id
),

stays as (
    select
        mover, vendor, system, object, source_ref, customer_id,
        lag(customer_id) over one_after_another as earlier_customer_id,
        lag(valid_to) over one_after_another as valid_from,
        valid_to
    from counted
    window one_after_another as (partition by mover order by valid_from nulls first)
)

select * from stays
