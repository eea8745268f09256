{#- The rows of several models with the same columns, column by column: what each vendor's staging offers to the waist. -#}
{% macro union_of(models, columns) -%}
    {%- for model in models %}
    select {{ columns | join(', ') }} from {{ ref(model) }}
    {%- if not loop.last %}
    union all
    {%- endif -%}
    {%- endfor %}
{%- endmacro %}
