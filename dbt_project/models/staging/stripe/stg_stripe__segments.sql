-- grain: one row per version of a customer that names its segment
with

customers as (select * from {{ record_history('stripe', 'customers') }} as versions),

dashboard_customers as (select * from {{ record_history('stripe', 'dashboard_customers') }} as versions),

parties as (select object, source_ref from {{ ref('stg_stripe__parties') }}),

versions as (
    select
        'customers' as object, id as source_ref, {{ stripe_json_text('metadata', 'segment') }} as segment,
        _extracted_at as seen_at
    from customers
    union all
    select 'dashboard_customers', id, segment, _extracted_at
    from dashboard_customers
),

offered as (
    select
        'stripe' as vendor,
        'stripe' as system,
        versions.object,
        versions.source_ref,
        versions.segment,
        {{ company_day('versions.seen_at') }} as seen_from
    from versions
    inner join parties on parties.object = versions.object and parties.source_ref = versions.source_ref
    where versions.segment is not null
)

select * from offered
