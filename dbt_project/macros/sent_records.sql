{#- The records of an object that its extracts ever named, with the last extract that did (a refused record names its key all
    the same) and whether their last good versions say that the source `deleted` them, a condition. `is_left_out`: each extract
    holds every record, and the newest one of the system lacks it.
    Grain: one row per system and `ref`, an expression. -#}
{% macro sent_records(vendor, object, ref, deleted='false', changed_at='_extracted_at') -%}
    select
        '{{ vendor }}' as vendor, _system as system, '{{ object }}' as object, source_ref, last_seen_at, is_good,
        is_good and is_marked as is_deleted,
        last_seen_at < newest_at and {{ is_complete(vendor, object) }} as is_left_out
    from (
        select
            *,
            max(_extracted_at) over (partition by _system) as newest_at,
            max(_extracted_at) over (partition by _system, source_ref) as last_seen_at
        from (
            select
                _system, {{ ref }} as source_ref, _extracted_at, {{ changed_at }} as changed_at, _batch_order, _record,
                _refusal is null as is_good, coalesce({{ deleted }}, false) as is_marked
            from {{ source(vendor, object) }}
        ) as versions
        where source_ref is not null
        qualify row_number() over (
            partition by _system, source_ref
            order by
                case when is_good then 1 else 2 end, _extracted_at desc, changed_at desc nulls last, _batch_order desc,
                _record desc
        ) = 1
    ) as last_versions
{%- endmacro %}
