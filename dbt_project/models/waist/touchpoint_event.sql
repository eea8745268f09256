-- grain: one row per event at a touchpoint
with offered as (
    {{ union_of(
        ['stg_plain__touchpoint_events'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'touchpoint', 'party_object', 'party_ref',
         'occurred_at', 'is_conforming', 'minutes']
    ) | indent(4) }}
)

select * from offered
