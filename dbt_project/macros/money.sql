{#- Exact money: operands of at most 18 digits, no `/` on decimals, one rounding (half away from zero). -#}

{#- Digits after the point that a currency's own coins have (ISO 4217). -#}
{% macro minor_digits(currency) -%}
    case
        when {{ currency }} in (
            'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF',
            'XOF', 'XPF') then 0
        when {{ currency }} in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
        else 2
    end
{%- endmacro %}

{#- Whole minor units to major ones, as decimal(18,4). Billing interfaces keep ISK and UGX in hundredths, and MGA in whole. -#}
{% macro minor_to_major(amount, currency) -%}
    cast(cast({{ amount }} as decimal(18, 0)) * case
        when {{ currency }} in ('ISK', 'UGX') then cast(0.01 as decimal(4, 3))
        when {{ currency }} = 'MGA' or {{ minor_digits(currency) }} = 0 then cast(1 as decimal(4, 3))
        when {{ minor_digits(currency) }} = 3 then cast(0.001 as decimal(4, 3))
        else cast(0.01 as decimal(4, 3))
    end as decimal(18, 4))
{%- endmacro %}

{#- A rate: decimal(18,6), half up, null where the denominator is 0. -#}
{% macro ratio(numerator, denominator) -%}
    cast(round({{ divide(numerator, denominator) }}, 6) as decimal(18, 6))
{%- endmacro %}

{#- n / d to 12 places, half away from zero, null where d is 0; both at most 4 places. -#}
{% macro divide(n, d) -%}
    {{ whole_ratio(whole("abs(" ~ n ~ ")", 4), whole("abs(" ~ d ~ ")", 4),
                   "case when (" ~ n ~ " < 0) = (" ~ d ~ " < 0) then 1 else -1 end") }}
{%- endmacro %}

{#- (a x m) / (b x n) as one division of whole numbers: values a and b of 4 decimals, counts m and n, none negative. -#}
{% macro divide_exact(a, m, b, n) -%}
    {{ whole_ratio(whole(a, 4) ~ " * " ~ m, whole(b, 4) ~ " * " ~ n) }}
{%- endmacro %}

{#- A value of 18 digits, `places` of them decimals, in units of its last one. The width keeps DuckDB from reckoning in 64 bits. -#}
{% macro whole(value, places) -%}
    cast(cast(cast({{ value }} as decimal(18, {{ places }})) as decimal(38, {{ places }})) * {{ 10 ** places }} as decimal(38, 0))
{%- endmacro %}

{#- The product of two values of 18 digits, `places` of them decimals, in full: of two so narrow DuckDB would keep 18 digits and fail on
    more. -#}
{% macro full_product(one, other, places) -%}
    cast({{ one }} as decimal(19, {{ places }})) * cast({{ other }} as decimal(18, {{ places }}))
{%- endmacro %}

{#- Whole n / whole d to 12 places, half up, null where d is 0. Neither is negative: `sign` is that of the quotient. -#}
{% macro whole_ratio(n, d, sign='1') -%}
    cast({{ whole_division("2000000000000 * " ~ n ~ " + " ~ d, "nullif(2 * " ~ d ~ ", 0)") }} * {{ sign }} as decimal(24, 0))
        * cast(0.000000000001 as decimal(12, 12))
{%- endmacro %}

{#- Whole top / whole bottom without its remainder. Spark's own `div` knows no whole number of more than 18 digits. -#}
{% macro whole_division(top, bottom) %}{{ return(adapter.dispatch('whole_division')("(" ~ top ~ ")", "(" ~ bottom ~ ")")) }}{% endmacro %}
{% macro duckdb__whole_division(top, bottom) %}{{ return("(cast(" ~ top ~ " as hugeint) // cast(" ~ bottom ~ " as hugeint))") }}{% endmacro %}
{% macro spark__whole_division(top, bottom) -%}
    {%- set top, bottom = "cast(" ~ top ~ " as decimal(38, 0))", "cast(" ~ bottom ~ " as decimal(38, 0))" -%}
    {{- return("cast((" ~ top ~ " - " ~ top ~ " % " ~ bottom ~ ") / " ~ bottom ~ " as decimal(38, 0))") -}}
{%- endmacro %}
