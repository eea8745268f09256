-- grain: one row per source record of a person, an organisation or a ticket that the newest extract lacks, that its
-- source deleted, or that only others name
{%- set own = {
    'chargebee': ['customers'], 'delighted': ['people'], 'hubspot': ['companies', 'contacts'], 'plain': ['customers'],
    'qualtrics': ['contacts'], 'salesforce': ['accounts', 'contacts'], 'stripe': ['customers', 'dashboard_customers'],
    'zendesk': ['organizations', 'users'],
} %}
{%- set models = [] %}
{%- for vendor in own %}{% do models.append('stg_' ~ vendor ~ '__sent_records') %}{% endfor %}
with sent as (
    {{ union_of(
        models, ['vendor', 'system', 'object', 'source_ref', 'last_seen_at', 'is_good', 'is_deleted', 'is_left_out']
    ) | indent(4) }}
),

-- whose records are people and organisations: an invoice that names nobody stands for somebody, and was sent all the same
own_objects as (
    {%- for vendor, objects in own.items() %}
    {%- for object in objects %}
    select '{{ vendor }}' as vendor, '{{ object }}' as object{{ ' union all' if not loop.last }}
    {%- endfor %}
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

tickets as (
    select * from {{ ref('ticket') }}
),

judged as (
    select
        sent.vendor, sent.system, sent.object, sent.source_ref, sent.last_seen_at,
        case
            when sent.is_deleted then 'deleted'
            when sent.is_left_out then 'left_out'
            -- a ticket that is there and is not counted was merged into another
            when own_objects.object is null and sent.is_good and tickets.source_ref is null then 'deleted'
            else 'there'
        end as state
    from sent
    left join own_objects on sent.vendor = own_objects.vendor and sent.object = own_objects.object
    left join tickets
        on sent.vendor = tickets.vendor
        and sent.system = tickets.system
        and sent.object = tickets.object
        and sent.source_ref = tickets.source_ref
),

named as (
    select vendor, system, object, source_ref, facts from {{ ref('named_party') }}
    union all
    -- within one system: another one may not be exported at all
    select to_vendor, to_system, to_object, to_ref, count(*)
    from {{ ref('party_link') }}
    where to_vendor = vendor and to_system = system
    group by to_vendor, to_system, to_object, to_ref
),

named_by as (
    select named.vendor, named.system, named.object, named.source_ref, cast(sum(named.facts) as bigint) as named_by
    from named
    semi join own_objects on named.vendor = own_objects.vendor and named.object = own_objects.object
    group by named.vendor, named.system, named.object, named.source_ref
),

told as (
    select
        vendor, system, object, source_ref,
        coalesce(judged.state, 'never_sent') as state,
        judged.last_seen_at,
        coalesce(named_by.named_by, 0) as named_by
    from judged
    full join named_by using (vendor, system, object, source_ref)
)

select * from told
where state <> 'there'
