-- grain: one row per source record of a person or an organisation, with the customer that it belongs to on the as-of day
with clusters as (
    select * from {{ ref('identity_stay') }}
    where valid_to is null
),

movers as (
    select vendor, system, object, source_ref, mover from {{ ref('moved_record') }}
    where valid_to is null
),

records as (
    select * from {{ ref('identity_record') }}
),

parties as (
    select
        records.vendor,
        records.system,
        records.object,
        records.source_ref,
        clusters.customer_id,
        clusters.subsidiary,
        clusters.match_rule,
        clusters.match_score,
        movers.mover,
        records.kind,
        records.created_on,
        records.is_orphan,
        bool_or(records.is_test) over (partition by clusters.customer_id) as is_test,
        bool_and(records.is_orphan or records.is_mention) over (partition by clusters.customer_id) as is_unresolved
    from records
    inner join clusters using (vendor, system, object, source_ref)
    left join movers using (vendor, system, object, source_ref)
)

select * from parties
