{#- The survey that a file holds: its name without folder, ending and the day of the export, which Qualtrics writes as
    '_November 22, 2026_13.05' and others in ISO form ('-2026-11-22', '_20261122'). Browsers write
    a space as '+'. A name that is only a day stays whole. -#}
{% macro survey_name(file) -%}
    {%- set base = "regexp_replace(" ~ file ~ ", '^.*/', '')" -%}
    {%- set name = "replace(regexp_replace(" ~ base ~ ", '[.](csv|json|jsonl)([.]gz|[.]zip)?$', ''), '+', ' ')" -%}
    coalesce(
        nullif(regexp_replace(
            regexp_replace({{ name }}, '[_ -]+[A-Za-z]+ +[0-9]{1,2}, +[0-9]{4}.*$', ''),
            '[_ .-]*[0-9]{4}-?[0-9]{2}-?[0-9]{2}.*$', ''), ''),
        {{ name }}
    )
{%- endmacro %}
