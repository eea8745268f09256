{#- Minor units without the tax in them, whole again: `share` is what is left without it, null where none is in them. Of two
    narrower decimals DuckDB would keep a product of 18 digits and fail on more. -#}
{% macro without_tax(amount, share) -%}
    case
        when {{ share }} is null then {{ amount }}
        else cast(round(cast({{ amount }} as decimal(19, 0)) * cast({{ share }} as decimal(13, 12)), 0) as bigint)
    end
{%- endmacro %}
