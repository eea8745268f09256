{#- What a share of a count is: count x part / whole, half up to 6 places, null where the whole is 0. All whole numbers, whose product
    may have more digits than `ratio` takes. -#}
{% macro share_of_count(count, part, whole) -%}
    cast(round({{ whole_ratio("cast(" ~ count ~ " as decimal(38, 0)) * cast(" ~ part ~ " as decimal(38, 0))",
                              "cast(" ~ whole ~ " as decimal(38, 0))") }}, 6) as decimal(18, 6))
{%- endmacro %}

{#- How much more than by chance counts differ from what was expected of each: 1 where chance explains them. From the sum of their
    squared differences, of decimal(38, 12), and of the counts, over n of them; null without any. -#}
{% macro dispersion(squares, total, n) -%}
    cast({{ squares }} as double) * {{ n }} / nullif(cast({{ total }} as double) * ({{ n }} - 1), 0)
{%- endmacro %}

{#- By how many standard errors a count is above what is expected of it, itself told by `weight` times its own volume: roots of counts
    have one variance, whatever is expected (Freeman and Tukey 1950). Half up to 6 places. -#}
{% macro emergence(count, expected, weight, dispersion) -%}
    cast(cast(floor(
        2 * (sqrt(cast({{ count }} as double)) - sqrt(cast({{ expected }} as double)))
        / sqrt({{ dispersion }} * (1 + cast({{ weight }} as double))) * 1000000 + 0.5
    ) as bigint) * cast(0.000001 as decimal(7, 6)) as decimal(18, 6))
{%- endmacro %}
