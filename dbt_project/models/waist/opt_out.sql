-- grain: one row per person who may be asked nothing
with offered as (
    {{ union_of(
        ['stg_qualtrics__opt_outs', 'stg_delighted__opt_outs'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'party_object', 'party_ref', 'opted_out_at']
    ) | indent(4) }}
)

select * from offered
