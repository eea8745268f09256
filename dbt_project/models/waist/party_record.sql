-- grain: one row per source record of a person or an organisation (newest version)
with offered as (
    {{ union_of(
        ['stg_salesforce__parties', 'stg_hubspot__parties', 'stg_stripe__parties', 'stg_chargebee__parties',
         'stg_qualtrics__parties', 'stg_surveymonkey__parties', 'stg_delighted__parties', 'stg_zendesk__parties',
         'stg_plain__parties'],
        ['vendor', 'system', 'object', 'source_ref', 'kind', 'name', 'email', 'domain', 'phone', 'street', 'city',
         'postcode', 'country', 'segment', 'acquisition_source', 'referred_by_ref', 'created_on', 'is_test',
         'is_deleted', 'is_mention', 'batch_id', 'record']
    ) | indent(4) }}
)

select * from offered
