{#- Texts of vendors, as far as a contract cannot type them. -#}

{% macro filled(text) %}{{ return("nullif(trim(" ~ text ~ "), '')") }}{% endmacro %}

{#- Whether the whole of a text has the form of a pattern. -#}
{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches')(text, pattern)) }}{% endmacro %}
{% macro duckdb__matches(text, pattern) %}{{ return("regexp_full_match(" ~ text ~ ", '" ~ pattern ~ "')") }}{% endmacro %}
{% macro spark__matches(text, pattern) %}{{ return("(" ~ text ~ " rlike '^(" ~ pattern ~ ")\\\\z')") }}{% endmacro %}
