{#- Of stretches that may overlap, the first days of those that are kept, in a grouped select: in the order in which they
    start, each that starts within none kept before it. `reaches_to` is the first day after a stretch, never null. -#}
{% macro first_come(starts_on, reaches_to) %}{{ return(adapter.dispatch('first_come')(starts_on, reaches_to)) }}{% endmacro %}
{% macro duckdb__first_come(starts_on, reaches_to) -%}
    list_reduce(
        list({'starts_on': {{ starts_on }}, 'reaches_to': {{ reaches_to }}, 'kept': cast([] as date[])} order by {{ starts_on }}),
        lambda so_far, stretch: case when stretch.starts_on < so_far.reaches_to then so_far else {
            'starts_on': stretch.starts_on, 'reaches_to': stretch.reaches_to, 'kept': list_append(so_far.kept, stretch.starts_on)
        } end,
        {'starts_on': cast(null as date), 'reaches_to': date '0001-01-01', 'kept': cast([] as date[])}
    ).kept
{%- endmacro %}
{% macro spark__first_come(starts_on, reaches_to) -%}
    aggregate(
        sort_array(collect_list(struct({{ starts_on }} as starts_on, {{ reaches_to }} as reaches_to))),
        struct(date '0001-01-01' as reaches_to, cast(array() as array<date>) as kept),
        (so_far, stretch) -> case when stretch.starts_on < so_far.reaches_to then so_far else struct(
            stretch.reaches_to as reaches_to, array_append(so_far.kept, stretch.starts_on) as kept
        ) end
    ).kept
{%- endmacro %}
