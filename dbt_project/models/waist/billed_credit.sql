-- grain: one row per credit note or refund, as a positive amount without tax
with offered as (
    {{ union_of(
        ['stg_stripe__credits', 'stg_chargebee__credits'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'party_object', 'party_ref', 'credited_on',
         'credited_at', 'amount', 'currency', 'kind', 'has_credit_note']
    ) | indent(4) }}
)

select * from offered
