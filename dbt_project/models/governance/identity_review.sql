-- grain: one row per pair of customers and reason why nothing joins them by itself, with their likest pair of records
with pairs as (
    select * from {{ source('identity', 'review') }}
),

clusters as (
    select * from {{ source('identity', 'cluster') }}
    where valid_to is null
),

worth as (
    select customer_id, cast(sum(value) as decimal(18, 4)) as value
    from {{ ref('yearly_revenue') }}
    group by customer_id
),

tied as (
    select
        own.customer_id,
        other.customer_id as other_customer_id,
        pairs.reason,
        pairs.vendor, pairs.system, pairs.object, {{ published_ref('pairs.source_ref') }} as source_ref,
        pairs.other_vendor, pairs.other_system, pairs.other_object,
        {{ published_ref('pairs.other_source_ref') }} as other_source_ref,
        pairs.match_rule, pairs.match_score, pairs.evidence, pairs.record_pairs
    from pairs
    inner join clusters as own
        on pairs.vendor = own.vendor and pairs.system = own.system
        and pairs.object = own.object and pairs.source_ref = own.source_ref
    inner join clusters as other
        on pairs.other_vendor = other.vendor and pairs.other_system = other.system
        and pairs.other_object = other.object and pairs.other_source_ref = other.source_ref
),

valued as (
    select
        tied.*,
        cast(coalesce(worth.value, 0) as decimal(18, 4)) as value,
        cast(coalesce(other_worth.value, 0) as decimal(18, 4)) as other_value,
        cast(least(coalesce(worth.value, 0), coalesce(other_worth.value, 0)) as decimal(18, 4)) as value_at_stake
    from tied
    left join worth on tied.customer_id = worth.customer_id
    left join worth as other_worth on tied.other_customer_id = other_worth.customer_id
)

select * from valued
