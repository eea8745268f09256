-- grain: one row per customer and the days it held a segment, [valid_from, valid_to); valid_from null: since the
-- beginning
-- A customer follows one of the records that it has on the day: the sales system's before a billing system's, one
-- that its source keeps before one that it deleted or merged away, then the earliest. Where none of them says a segment,
-- the last one seen holds on.
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
    select
        coalesce(stays.customer_id, parties.customer_id) as customer_id,
        stretches.valid_from as held_from,
        stretches.valid_to as held_to,
        versions.segment,
        versions.seen_from
    from versions
    inner join {{ ref('party') }} as parties using (vendor, system, object, source_ref)
    inner join {{ ref('party_record') }} as records using (vendor, system, object, source_ref)
    left join {{ ref('moved_record') }} as stays on parties.mover = stays.mover
    left join {{ ref('customer_stretch') }} as stretches
        on coalesce(stays.customer_id, parties.customer_id) = stretches.customer_id
        and (stays.valid_from is null or stays.valid_from <= stretches.valid_from)
        and (stays.valid_to is null or stretches.valid_from is null or stretches.valid_from < stays.valid_to)
    qualify dense_rank() over (
        partition by coalesce(stays.customer_id, parties.customer_id), stretches.valid_from
        order by
            versions.rank, records.is_deleted, parties.created_on nulls last, versions.vendor, versions.system,
            versions.object, versions.source_ref
    ) = 1
),

versions_held as (
    select
        *,
        lead(seen_from) over (
            partition by customer_id, held_from order by seen_from nulls first, segment
        ) as next_seen_from
    from followed
),

changes as (
    select
        customer_id,
        segment,
        greatest(seen_from, held_from) as changed_on,
        lag(segment) over (
            partition by customer_id order by greatest(seen_from, held_from) nulls first, segment
        ) as earlier_segment
    from versions_held
    where (held_from is null or next_seen_from is null or held_from < next_seen_from)
        and (held_to is null or seen_from is null or seen_from < held_to)
),

spans as (
    select
        customer_id,
        segment,
        earlier_segment,
        case when earlier_segment is not null then changed_on end as valid_from,
        lead(changed_on) over (partition by customer_id order by changed_on nulls first, segment) as valid_to
    from changes
    where segment is distinct from earlier_segment
)

select * from spans
