{#- The project that a file of people or unsubscribes is about: such files are called after it and what they hold. -#}
{% macro delighted_project(file) %}{{ return("regexp_replace(" ~ survey_name(file) ~ ", '(?i)[ _-]+(people|unsubscribes)$', '')") }}{% endmacro %}
