-- grain: one row per support case
with offered as (
    {{ union_of(
        ['stg_salesforce__tickets', 'stg_zendesk__tickets', 'stg_plain__tickets'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'party_object', 'party_ref', 'opened_at',
         'first_replied_at', 'resolved_at', 'channel', 'category']
    ) | indent(4) }}
)

select * from offered
