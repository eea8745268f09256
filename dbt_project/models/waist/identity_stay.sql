-- grain: one row per source record and the days it belongs to a customer, [valid_from, valid_to), as far as the as-of day
with clusters as (
    select * from {{ source('identity', 'cluster') }}
),

begun as (
    select
        clusters.vendor, clusters.system, clusters.object, clusters.source_ref,
        clusters.customer_id, clusters.subsidiary, clusters.match_rule, clusters.match_score, clusters.valid_from,
        case when clusters.valid_to <= as_of.as_of_on then clusters.valid_to end as valid_to
    from clusters
    cross join {{ ref('as_of') }} as as_of
    where clusters.valid_from is null or clusters.valid_from <= as_of.as_of_on
)

select * from begun
