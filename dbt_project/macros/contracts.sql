{#- Reading landed records by their contract (models/staging/<vendor>/contracts/<object>.yml): the same file that
    landing recognises headers with gives staging its types, its refusals, its keys and its as-of columns. -#}

{#- The contract as dbt parsed it: {name, key, columns: [{name, type, required, allowed, happened}]}. -#}
{% macro contract(vendor, object) %}
    {%- for node in (graph.sources or {}).values() if node.source_name == vendor and node.name == object -%}
        {%- set columns = [] -%}
        {%- for column in node.columns.values() -%}
            {%- set meta = column.get('config', {}).get('meta', {}) or column.get('meta', {}) -%}
            {%- do columns.append({
                'name': column.name, 'type': column.data_type, 'required': meta.get('required') is sameas true,
                'allowed': meta.get('allowed', []), 'happened': meta.get('happened', false)}) -%}
        {%- endfor -%}
        {{- return({'key': node.config.meta.key, 'columns': columns}) -}}
    {%- endfor -%}
    {{- return({'key': [], 'columns': []}) -}}
{% endmacro %}

{#- Every contract of every vendor, as [vendor, object] pairs in a stable order. -#}
{% macro contracts_of_vendors() %}
    {%- set pairs = [] -%}
    {%- for node in (graph.sources or {}).values() if node.source_name not in ('log', 'reference', 'run', 'identity') -%}
        {%- do pairs.append([node.source_name, node.name]) -%}
    {%- endfor -%}
    {{- return(pairs | sort) -}}
{% endmacro %}

{#- 'field: reason' of the first value that breaks the contract, else null. It never holds the value itself. -#}
{% macro refusal(contract) -%}
    {%- set expected = {
        'date': 'not a date like 2026-01-31',
        'timestamp': 'not a date and time like 2026-01-31 14:05:00',
        'local_timestamp': 'not a date and time like 2026-01-31 14:05:00',
        'money': 'not an amount with a decimal point and at most 4 decimals',
        'minor': 'not a whole number of minor units',
        'integer': 'not a whole number',
        'decimal': 'not a number with a decimal point and at most 12 decimals',
        'boolean': 'not true or false',
    } -%}
    {%- set cases = [] -%}
    {%- for column in contract.columns -%}
        {%- set text = filled('r.' ~ column.name) -%}
        {%- if column.required -%}
            {%- do cases.append("when " ~ text ~ " is null then '" ~ column.name ~ ": missing'") -%}
        {%- endif -%}
        {%- if column.type not in ('text', 'json') -%}
            {%- do cases.append("when " ~ text ~ " is not null and " ~ typed('r.' ~ column.name, column.type)
                ~ " is null then '" ~ column.name ~ ": " ~ expected[column.type] ~ "'") -%}
        {%- endif -%}
        {%- if column.allowed -%}
            {%- do cases.append("when " ~ text ~ " not in ('" ~ column.allowed | join("', '") ~ "') then '"
                ~ column.name ~ ": not one of " ~ column.allowed | join(', ') ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if cases -%} case {{ cases | join('\n            ') }} end {%- else -%} cast(null as string) {%- endif -%}
{%- endmacro %}

{#- The landed rows that this run may know of, as text, with the name of what is wrong in each (null: nothing). -#}
{% macro checked_records(vendor, object) -%}
    (
        select
            r.*,
            {{ refusal(contract(vendor, object)) }} as _refusal
        from {{ source(vendor, object) }} as r
        where r._extracted_at < coalesce((select known_before from {{ source('run', 'settings') }}), timestamp '9999-12-31')
    )
{%- endmacro %}

{#- Every good version of every record, typed. Grain: one row per record of an accepted batch. -#}
{% macro record_history(vendor, object) -%}
    (
        select
            {%- for column in contract(vendor, object).columns %}
            {{ typed('r.' ~ column.name, column.type) }} as {{ column.name }},
            {%- endfor %}
            r._system, r._batch_id, r._file, r._record, r._extracted_at, r._extra
        from {{ checked_records(vendor, object) }} as r
        where r._refusal is null
    )
{%- endmacro %}

{#- The newest good version of each key, typed. Where batch_policy declares the object complete, a key that the newest
    extract of its system lacks is gone. Grain: one row per system and contract key. -#}
{% macro accepted_records(vendor, object) -%}
    {%- set key = contract(vendor, object).key -%}
    {%- set policy = source('reference', 'batch_policy') -%}
    (
        select *
        from {{ record_history(vendor, object) }}
        {%- if key %}
        qualify
            row_number() over (
                partition by _system, {{ key | join(', ') }}
                order by _extracted_at desc, _batch_id desc, _record desc
            ) = 1
            and (
                not coalesce((
                    select bool_or(is_complete) from {{ policy }}
                    where vendor = '{{ vendor }}' and object = '{{ object }}'
                ), false)
                or _extracted_at = max(_extracted_at) over (partition by _system)
            )
        {%- endif %}
    )
{%- endmacro %}
