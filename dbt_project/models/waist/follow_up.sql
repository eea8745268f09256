-- grain: one row per thing that was done about a piece of feedback
with offered as (
    {{ union_of(
        ['stg_plain__follow_ups'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'of_vendor', 'of_system', 'of_kind', 'of_ref', 'kind',
         'happened_at', 'is_automatic']
    ) | indent(4) }}
)

select * from offered
