-- grain: one row per case that was not deleted
with cases as (
    select * from {{ ref('stg_salesforce__cases') }}
),

offered as (
    select
        'salesforce' as vendor, system, 'cases' as object, case_id as source_ref, batch_id, record,
        party_object, party_ref,
        opened_at, cast(null as timestamp) as first_replied_at, resolved_at, cast(null as bigint) as reopened_count,
        channel, category
    from cases
)

select * from offered
