{#- The bounds of a rate of customers: Wilson's interval at 95 %, k of n, both whole numbers; null where n is 0.
    E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927), without continuity correction. -#}
{% macro wilson_low(k, n) %}{{ return(wilson_bound(k, n, '-')) }}{% endmacro %}
{% macro wilson_high(k, n) %}{{ return(wilson_bound(k, n, '+')) }}{% endmacro %}

{#- (2k + z² ± z √(z² + 4k(n - k)/n)) / 2(n + z²), half up to 6 places. -#}
{% macro wilson_bound(k, n, sign) -%}
    {%- set k, n = "cast(" ~ k ~ " as double)", "nullif(cast(" ~ n ~ " as double), 0)" -%}
    {%- set z = "cast(1.959963984540054 as double)" -%}
    {%- set z2 = "cast(3.841458820694124 as double)" -%}
    cast(cast(floor(
        (2 * {{ k }} + {{ z2 }} {{ sign }} {{ z }} * sqrt({{ z2 }} + 4 * {{ k }} * ({{ n }} - {{ k }}) / {{ n }}))
        / (2 * ({{ n }} + {{ z2 }})) * 1000000 + 0.5
    ) as bigint) * cast(0.000001 as decimal(7, 6)) as decimal(18, 6))
{%- endmacro %}
