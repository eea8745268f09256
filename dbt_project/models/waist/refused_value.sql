-- grain: one row per landed record that staging refused, with the first field that breaks its contract
with by_contract as (
    {%- for vendor, object in contracts_of_vendors() %}
    select
        _batch_id as batch_id, '{{ vendor }}' as vendor, _system as system, '{{ object }}' as object, _file as file,
        _record as record, split_part(_refusal, ': ', 1) as field, split_part(_refusal, ': ', 2) as reason
    from {{ source(vendor, object) }}
    where _refusal is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        '' as batch_id, '' as vendor, '' as system, '' as object, '' as file, 0 as record, '' as field, '' as reason
    where false
    {%- endfor %}
),

by_rule as (
    {{ union_of(
        ['stg_hubspot__refused_records', 'stg_plain__refused_records', 'stg_qualtrics__refused_records',
         'stg_surveymonkey__refused_records'],
        ['batch_id', 'vendor', 'system', 'object', 'file', 'record', 'field', 'reason']
    ) | indent(4) }}
),

refused as (
    select * from by_contract
    union all
    select * from by_rule
)

select * from refused
