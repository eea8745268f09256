-- grain: one row per source and measure: how much of it is tied to one customer
-- A source that sent nothing has a row all the same, its counts null: nothing is known of it.
with known_sources as (
    {%- set vendors = contracts_of_vendors() | map(attribute=0) | unique | list %}
    {%- for vendor in vendors %}
    select '{{ vendor }}' as source{{ ' union all' if not loop.last }}
    {%- else %}
    select '' as source where false
    {%- endfor %}
),

sent as (
    select vendor, system, case when vendor = system then vendor else vendor || '/' || system end as source
    from {{ ref('batches') }}
    where status = 'accepted'
    group by vendor, system
),

sources as (
    select vendor, system, source, 'present' as status from sent
    union all
    select source as vendor, source as system, source, 'missing' as status from known_sources
    where source not in (select vendor from sent)
),

parties as (
    select * from {{ ref('party') }}
),

sold as (
    select * from {{ ref('yearly_revenue') }}
),

unresolved as (
    select customer_id, bool_and(is_unresolved) as is_unresolved from parties group by customer_id
),

asked as (
    -- one answer may hold several scores
    select distinct vendor, system, party_object, party_ref, object, source_ref, 'responses' as measure from {{ ref('response') }}
    union all
    select vendor, system, party_object, party_ref, object, source_ref, 'tickets' as measure from {{ ref('ticket') }}
),

counts as (
    select
        sold.vendor, sold.system, 'customers' as measure,
        cast(count(distinct case when not is_unresolved then customer_id end) as decimal(18, 4)) as resolved,
        cast(count(distinct customer_id) as decimal(18, 4)) as total
    from sold inner join unresolved using (customer_id)
    group by sold.vendor, sold.system
    union all
    select
        sold.vendor, sold.system, 'revenue' as measure,
        cast(sum(case when not is_unresolved then value else 0 end) as decimal(18, 4)) as resolved,
        cast(sum(value) as decimal(18, 4)) as total
    from sold inner join unresolved using (customer_id)
    group by sold.vendor, sold.system
    union all
    select
        asked.vendor, asked.system, asked.measure,
        cast(count(case when not parties.is_unresolved then 1 end) as decimal(18, 4)) as resolved,
        cast(count(*) as decimal(18, 4)) as total
    from asked
    left join parties
        on asked.vendor = parties.vendor and asked.system = parties.system
        and asked.party_object = parties.object and asked.party_ref = parties.source_ref
    group by asked.vendor, asked.system, asked.measure
),

covered as (
    select
        sources.source,
        sources.status,
        measures.measure,
        counts.resolved,
        counts.total,
        {{ ratio('counts.resolved', 'counts.total') }} as share
    from sources
    cross join (values ('customers'), ('revenue'), ('responses'), ('tickets')) as measures (measure)
    left join counts
        on sources.vendor = counts.vendor
        and sources.system = counts.system
        and measures.measure = counts.measure
)

select * from covered
