{#- A language as its two letters in small ones: 'EN', 'en-GB' and 'en_US' are one. -#}
{% macro language_code(text) %}{{ return("nullif(substr(" ~ lower_case(trimmed(text)) ~ ", 1, 2), '')") }}{% endmacro %}
