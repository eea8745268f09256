{#- The days from which a record holds another segment, among versions of records that name one (columns system, object,
    source_ref, segment, changed_at, and `_extracted_at`, `_batch_order`, `_record` of each); `seen_from` null: since the
    beginning (the first seen). Versions of one moment follow each other by `stamp`.
    Grain: one row per record and such a day. -#}
{% macro segment_changes(versions, stamp='changed_at') -%}
    (
        select system, object, source_ref, segment, seen_from
        from (
            select
                *,
                case when earlier_segment is not null then {{ company_day('changed_at') }} end as seen_from
            from (
                select
                    *,
                    lag(segment) over (
                        partition by system, object, source_ref
                        order by _extracted_at, {{ stamp }} nulls first, _batch_order, _record
                    ) as earlier_segment
                from {{ versions }}
            ) as followed
            where segment is distinct from earlier_segment
        ) as dated
        qualify row_number() over (
            partition by system, object, source_ref, seen_from
            order by _extracted_at desc, {{ stamp }} desc nulls last, _batch_order desc, _record desc
        ) = 1
    )
{%- endmacro %}
