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

{#- The batches that this run may know of; nobody knows when one was extracted that could not be read.
    Grain: one row per batch and decision on it. -#}
{% macro known_batches() -%}
    (
        select * from {{ source('log', 'batches') }}
        where
            extracted_at is null
            or extracted_at < coalesce((select known_before from {{ source('run', 'settings') }}), timestamp '9999-12-31')
    )
{%- endmacro %}

{#- Every good version of every record. Grain: one row per good record of an accepted batch. -#}
{% macro record_history(vendor, object) -%}
    (
        select * from {{ source(vendor, object) }}
        where _refusal is null
    )
{%- endmacro %}

{#- The newest good version of each key. `only` is a condition on versions that leaves out whole keys, for speed: all versions of
    a key must meet it, or none.
    Grain: one row per system and contract key. -#}
{% macro accepted_records(vendor, object, only=none) -%}
    {{- newest_of(source(vendor, object), vendor, object, contract(vendor, object).key, only=only) -}}
{%- endmacro %}

{#- Whether each extract of an object holds every record, so that one it lacks is gone. -#}
{% macro is_complete(vendor, object) -%}
    coalesce((
        select bool_or(is_complete) from {{ source('reference', 'batch_policy') }}
        where vendor = '{{ vendor }}' and object = '{{ object }}'
    ), false)
{%- endmacro %}

{#- The newest good version of each key among checked versions (a relation with `_refusal`); of versions of one moment
    the one that `changed_at` says was changed last, else that of the later batch (`_batch_order`). Where batch_policy
    declares the object complete, a key that the newest extract of its system does not name is gone; a refused record
    names its key all the same, and one of a key in parts names every key that shares its first part where another part
    cannot be read.
    Grain: one row per system and key. -#}
{% macro newest_of(versions, vendor, object, key, changed_at=none, only=none) -%}
    {%- set is_partly_read = key[1:] | join(' is null or ') ~ ' is null' -%}
    (
        select * from {{ versions }} as versions
        {%- if key %}
        anti join (
            select _system, {{ key | join(', ') }}
            from (
                select _system, {{ key | join(', ') }}, max(_extracted_at) as named_at
                from {{ versions }} as named
                where {{ is_complete(vendor, object) }}
                group by _system, {{ key | join(', ') }}
            ) as named
            qualify
                named_at < max(named_at) over (partition by _system)
                {%- if key | length > 1 %}
                and coalesce(
                    max(case when {{ is_partly_read }} then named_at end) over (partition by _system, {{ key[0] }})
                        < max(named_at) over (partition by _system),
                    true
                )
                {%- endif %}
        ) as gone using (_system, {{ key | join(', ') }})
        {%- endif %}
        where _refusal is null
        {%- if only %} and {{ only }}{% endif %}
        {%- if key %}
        qualify row_number() over (
            partition by _system, {{ key | join(', ') }}
            order by _extracted_at desc, {% if changed_at %}{{ changed_at }} desc nulls last, {% endif %}_batch_order desc, _record desc
        ) = 1
        {%- endif %}
    )
{%- endmacro %}
