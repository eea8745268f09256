{#- The text at one key of a JSON object kept as text; null where the key or the JSON is missing. -#}
{% macro stripe_json_text(json, key) %}{{ return(adapter.dispatch('stripe_json_text')(json, key)) }}{% endmacro %}
{% macro duckdb__stripe_json_text(json, key) %}{{ return(filled("json_extract_string(" ~ json ~ ", '$." ~ key ~ "')")) }}{% endmacro %}
{% macro spark__stripe_json_text(json, key) %}{{ return(filled("get_json_object(" ~ json ~ ", '$." ~ key ~ "')")) }}{% endmacro %}
