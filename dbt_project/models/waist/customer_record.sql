-- grain: one row per customer and source record that it is, or that it was, where it is none any more
with gone as (
    select distinct stayed.customer_id, stayed.vendor, stayed.system, stayed.object, stayed.source_ref
    from {{ ref('identity_stay') }} as stayed
    anti join {{ ref('party') }} as parties on stayed.customer_id = parties.customer_id
    where stayed.valid_to is not null
),

records as (
    select
        customer_id, vendor, system, object, source_ref, kind, created_on, is_test, is_unresolved, true as is_held
    from {{ ref('party') }}
    union all
    select
        gone.customer_id, parties.vendor, parties.system, parties.object, parties.source_ref, parties.kind,
        parties.created_on, parties.is_test, parties.is_unresolved, false as is_held
    from gone
    inner join {{ ref('party') }} as parties
        on gone.vendor = parties.vendor
        and gone.system = parties.system
        and gone.object = parties.object
        and gone.source_ref = parties.source_ref
    -- what is a test's by now describes such a customer only where it had nothing else
    qualify not parties.is_test or bool_and(parties.is_test) over (partition by gone.customer_id)
)

select * from records
