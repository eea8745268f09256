-- grain: one row per discount that an agreement, or a line of it, was given
with offered as (
    {{ union_of(
        ['stg_stripe__discounts', 'stg_plain__discounts', 'stg_chargebee__discounts'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'agreement_ref', 'line_ref', 'starts_on',
         'ends_on', 'percent', 'amount', 'currency', 'is_one_off']
    ) | indent(4) }}
)

select * from offered
where ends_on is null or starts_on < ends_on
