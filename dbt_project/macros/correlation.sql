{#- Pearson's correlation of n pairs of whole numbers a and b, from their sums and those of their products; of ranks it is Spearman's.
    Null where one of the two is the same in all. By whole numbers as long as they last, then doubles in one order; half up to 6 places. -#}
{% macro correlation(n, ab, a, b, aa, bb) -%}
    {%- set spread_a = "cast(" ~ n ~ " * " ~ aa ~ " - " ~ a ~ " * " ~ a ~ " as double)" -%}
    {%- set spread_b = "cast(" ~ n ~ " * " ~ bb ~ " - " ~ b ~ " * " ~ b ~ " as double)" -%}
    cast(cast(floor(
        cast({{ n }} * {{ ab }} - {{ a }} * {{ b }} as double) / nullif(sqrt({{ spread_a }} * {{ spread_b }}), 0) * 1000000 + 0.5
    ) as bigint) * cast(0.000001 as decimal(7, 6)) as decimal(18, 6))
{%- endmacro %}
