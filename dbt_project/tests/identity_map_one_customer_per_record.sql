-- A failing row is a source record that belongs to two customers on one day, or to nobody.
-- Guards against one person counted twice. A record known of from the beginning has no valid_from.
with held as (
    select
        vendor,
        system,
        object,
        source_ref,
        customer_id,
        coalesce(valid_from, date '0001-01-01') as valid_from,
        coalesce(lag(coalesce(valid_to, date '9999-12-31')) over (
            partition by vendor, system, object, source_ref
            order by valid_from nulls first, valid_to nulls last
        ), date '0001-01-01') as held_until,
        case when lead(customer_id) over (
            partition by vendor, system, object, source_ref
            order by valid_from nulls first, valid_to nulls last
        ) is null then valid_to end as left_for_nobody_on
    from {{ ref('identity_map') }}
)

select *
from held
where valid_from <> held_until
    or left_for_nobody_on is not null
    or vendor is null
    or system is null
    or object is null
    or source_ref is null
    or customer_id is null
