-- grain: one row per purchase without a contract
with offered as (
    {{ union_of(
        ['stg_plain__purchases'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'party_object', 'party_ref', 'purchased_on',
         'amount', 'currency']
    ) | indent(4) }}
)

select * from offered
