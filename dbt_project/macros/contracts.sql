{#- Reading landed records by their contract (models/staging/<vendor>/contracts/<object>.yml): the file that landing
    recognises headers with and types columns by gives staging its keys and the as-of day its columns. -#}

{#- The contract as dbt parsed it: {key, happened: [{name, type}]}. -#}
{% macro contract(vendor, object) %}
    {%- for node in (graph.sources or {}).values() if node.source_name == vendor and node.name == object -%}
        {%- set happened = [] -%}
        {%- for column in node.columns.values() -%}
            {%- set meta = column.get('config', {}).get('meta', {}) or column.get('meta', {}) -%}
            {%- if meta.get('happened') -%}
                {%- do happened.append({'name': column.name, 'type': column.data_type}) -%}
            {%- endif -%}
        {%- endfor -%}
        {{- return({'key': node.config.meta.key, 'happened': happened}) -}}
    {%- endfor -%}
    {{- return({'key': [], 'happened': []}) -}}
{% endmacro %}

{#- Every contract of every vendor, as [vendor, object] pairs in a stable order. -#}
{% macro contracts_of_vendors() %}
    {%- set pairs = [] -%}
    {%- for node in (graph.sources or {}).values() if node.source_name not in ('log', 'reference', 'run', 'identity') -%}
        {%- do pairs.append([node.source_name, node.name]) -%}
    {%- endfor -%}
    {{- return(pairs | sort) -}}
{% endmacro %}

{#- The first instant of which this run may know nothing. -#}
{% macro known_before() -%}
    coalesce((select known_before from {{ source('run', 'settings') }}), timestamp '9999-12-31')
{%- endmacro %}

{#- The batches that this run may know of; nobody knows when one was extracted that could not be read.
    Grain: one row per batch and decision on it. -#}
{% macro known_batches() -%}
    (
        select * from {{ source('log', 'batches') }}
        where extracted_at is null or extracted_at < {{ known_before() }}
    )
{%- endmacro %}

{#- The landed records that this run may know of, typed, with the name of what is wrong in each (null: nothing).
    Grain: one row per record of an accepted batch. -#}
{% macro checked_records(vendor, object) -%}
    (
        select * from {{ source(vendor, object) }}
        where _extracted_at < {{ known_before() }}
    )
{%- endmacro %}

{#- Every good version of every record. Grain: one row per good record of an accepted batch. -#}
{% macro record_history(vendor, object) -%}
    (
        select * from {{ checked_records(vendor, object) }}
        where _refusal is null
    )
{%- endmacro %}

{#- The newest good version of each key. Where batch_policy declares the object complete, a key that the newest
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

{#- Of renamed records that turn out to hold one key after all, such as an id in 15 and in 18 characters, which are two to
    the contract: the newest. Grain: one row per system and key. -#}
{% macro newest_of(records, key) -%}
    select *
    from {{ records }}
    qualify row_number() over (
        partition by system, {{ key }}
        order by extracted_at desc, changed_at desc nulls last, batch_id desc, record desc
    ) = 1
{%- endmacro %}
