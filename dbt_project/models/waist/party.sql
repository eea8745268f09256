-- grain: one row per source record of a person or an organisation, with the customer that it belongs to
with clusters as (
    select * from {{ source('identity', 'cluster') }}
),

records as (
    select * from {{ ref('identity_record') }}
),

-- a record that only an answer or a case left of its writer ties nobody to a customer
strangers as (
    select distinct vendor, system, object, source_ref, true as is_stranger
    from (
        select vendor, system, object, source_ref, party_object, party_ref from {{ ref('response') }}
        union all
        select vendor, system, object, source_ref, party_object, party_ref from {{ ref('ticket') }}
    ) as facts
    where object = party_object and source_ref = party_ref
),

parties as (
    select
        records.vendor,
        records.system,
        records.object,
        records.source_ref,
        clusters.customer_id,
        clusters.match_rule,
        clusters.match_score,
        records.kind,
        records.created_on,
        records.is_orphan,
        bool_or(records.is_test) over (partition by clusters.customer_id) as is_test,
        bool_and(records.is_orphan or coalesce(strangers.is_stranger, false)) over (
            partition by clusters.customer_id
        ) as is_unresolved
    from records
    inner join clusters using (vendor, system, object, source_ref)
    left join strangers using (vendor, system, object, source_ref)
)

select * from parties
