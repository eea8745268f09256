{#- A room's schema is its folder's name, with no prefix: readers see `customer_assets`, not `main_customer_assets`. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
