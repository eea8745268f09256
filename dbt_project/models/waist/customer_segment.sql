-- grain: one row per customer and the days it held a segment, [valid_from, valid_to); valid_from null: since the
-- beginning
-- A customer follows one of its records: the sales system's before a billing system's, one
-- that its source keeps before one that it deleted or merged away, then the earliest.
with versions as (
    {%- for model, rank in [
        ('stg_salesforce__segments', 1), ('stg_hubspot__segments', 1), ('stg_plain__segments', 2),
        ('stg_stripe__segments', 3), ('stg_chargebee__segments', 3)] %}
    select vendor, system, object, source_ref, segment, seen_from, {{ rank }} as rank from {{ ref(model) }}
    where segment is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

followed as (
    select parties.customer_id, versions.segment, versions.seen_from
    from versions
    inner join {{ ref('party') }} as parties using (vendor, system, object, source_ref)
    inner join {{ ref('party_record') }} as records using (vendor, system, object, source_ref)
    qualify dense_rank() over (
        partition by parties.customer_id
        order by
            versions.rank, records.is_deleted, parties.created_on nulls last, vendor, system, object, source_ref
    ) = 1
),

changes as (
    select
        *,
        lag(segment) over (partition by customer_id order by seen_from nulls first, segment) as earlier_segment
    from followed
),

spans as (
    select
        customer_id,
        segment,
        earlier_segment,
        case when earlier_segment is not null then seen_from end as valid_from,
        lead(seen_from) over (partition by customer_id order by seen_from nulls first, segment) as valid_to
    from changes
    where segment is distinct from earlier_segment
)

select * from spans
