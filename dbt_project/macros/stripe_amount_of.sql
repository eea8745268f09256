{#- Unit amount x quantity in minor units; null where that is more than a whole amount can truly be (see GREATEST in
    dagster_project/exports/limits.py), as where no unit amount is known. -#}
{% macro stripe_amount_of(unit_amount, quantity) -%}
    {%- set product = full_product(unit_amount, quantity, 0) -%}
    case when abs({{ product }}) <= 1000000000000 then cast({{ product }} as bigint) end
{%- endmacro %}
