-- grain: one row per amount invoiced
with offered as (
    {{ union_of(
        ['stg_stripe__billed_amounts', 'stg_chargebee__billed_amounts'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'party_object', 'party_ref', 'billed_on',
         'billed_at', 'amount', 'net_amount', 'metered_amount', 'currency']
    ) | indent(4) }}
)

select * from offered
