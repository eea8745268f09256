{#- The text at one key of a JSON object kept as text; null where the key or the JSON is missing. -#}
{% macro json_text(json, key) %}{{ return(adapter.dispatch('json_text')(json, key)) }}{% endmacro %}
{% macro duckdb__json_text(json, key) %}{{ return(filled("json_extract_string(" ~ json ~ ", '$." ~ key ~ "')")) }}{% endmacro %}
{% macro spark__json_text(json, key) %}{{ return(filled("get_json_object(" ~ json ~ ", '$." ~ key ~ "')")) }}{% endmacro %}

{#- In a select list: one row for each entry of a JSON list kept as text, as text; none where it is no list. -#}
{% macro json_items(json) %}{{ return(adapter.dispatch('json_items')(json)) }}{% endmacro %}
{% macro duckdb__json_items(json) %}{{ return("unnest(from_json(" ~ json ~ ", '[\"VARCHAR\"]'))") }}{% endmacro %}
{% macro spark__json_items(json) %}{{ return("explode(from_json(" ~ json ~ ", 'array<string>'))") }}{% endmacro %}

{#- A moment written as seconds since 1970, as a timestamp in UTC; null where it is not. Days and the rest apart, since
    DuckDB multiplies an interval by 32 bits. -#}
{% macro moment_of_epoch(text) -%}
    {%- set seconds = "case when " ~ matches(text, '[0-9]{9,11}') ~ " then cast(" ~ text ~ " as bigint) end" -%}
    timestamp '1970-01-01 00:00:00' + cast({{ whole_division(seconds, '86400') }} as int) * interval 1 day
        + cast({{ seconds }} % 86400 as int) * interval 1 second
{%- endmacro %}
