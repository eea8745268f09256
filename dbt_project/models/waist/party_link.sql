-- grain: one row per statement in an export that two records belong together
with offered as (
    {{ union_of(
        ['stg_salesforce__party_links', 'stg_hubspot__party_links', 'stg_stripe__party_links',
         'stg_chargebee__party_links', 'stg_qualtrics__party_links', 'stg_surveymonkey__party_links',
         'stg_zendesk__party_links', 'stg_plain__party_links'],
        ['vendor', 'system', 'object', 'source_ref', 'to_vendor', 'to_system', 'to_object', 'to_ref', 'rule']
    ) | indent(4) }}
)

select * from offered
