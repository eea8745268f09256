-- grain: one row per statement in an export that two records belong together
{%- set columns = ['vendor', 'system', 'object', 'source_ref', 'to_vendor', 'to_system', 'to_object', 'to_ref', 'rule'] %}
with dated as (
    {{ union_of(
        ['stg_salesforce__party_links', 'stg_hubspot__party_links'], columns + ['stated_on']
    ) | indent(4) }}
),

undated as (
    {{ union_of(
        ['stg_stripe__party_links', 'stg_chargebee__party_links', 'stg_qualtrics__party_links',
         'stg_surveymonkey__party_links', 'stg_zendesk__party_links', 'stg_plain__party_links'],
        columns
    ) | indent(4) }}
),

offered as (
    select * from dated
    union all
    select *, cast(null as date) as stated_on from undated
)

select * from offered
