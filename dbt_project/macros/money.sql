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

{#- Whole minor units to major ones, as decimal(18,4). Billing interfaces keep ISK and UGX in hundredths. -#}
{% macro minor_to_major(amount, currency) -%}
    cast(cast({{ amount }} as decimal(18, 0)) * case
        when {{ currency }} in ('ISK', 'UGX') then cast(0.01 as decimal(4, 3))
        when {{ minor_digits(currency) }} = 0 then cast(1 as decimal(4, 3))
        when {{ minor_digits(currency) }} = 3 then cast(0.001 as decimal(4, 3))
        else cast(0.01 as decimal(4, 3))
    end as decimal(18, 4))
{%- endmacro %}

{#- n / d to 12 places, half away from zero, null where d is 0; both at most 4 places. Brackets round it are the caller's. -#}
{% macro divide(n, d) %}{{ return(adapter.dispatch('divide')(n, d)) }}{% endmacro %}
{% macro duckdb__divide(n, d) -%}
    {%- set top = "cast(abs(cast(" ~ n ~ " as decimal(18, 4))) * 10000 as hugeint)" -%}
    {%- set bottom = "cast(abs(cast(" ~ d ~ " as decimal(18, 4))) * 10000 as hugeint)" -%}
    cast(sign({{ n }}) * sign({{ d }}) * ((2 * 1000000000000::hugeint * {{ top }} + {{ bottom }})
        // nullif(2 * {{ bottom }}, 0)) as decimal(26, 0)) * cast(0.000000000001 as decimal(12, 12))
{%- endmacro %}
{% macro spark__divide(n, d) -%}
    cast(cast({{ n }} as decimal(18, 4)) / nullif(cast({{ d }} as decimal(18, 4)), 0) as decimal(38, 12))
{%- endmacro %}

{#- A rate: decimal(18,6), half up, null where the denominator is 0. -#}
{% macro ratio(numerator, denominator) -%}
    cast(round({{ divide(numerator, denominator) }}, 6) as decimal(18, 6))
{%- endmacro %}

{#- (a x m) / (b x n) as one division of whole numbers: values a and b of 4 decimals, counts m and n. -#}
{% macro divide_exact(a, m, b, n) -%}
    {{ whole_ratio("cast(cast(" ~ a ~ " as decimal(18, 4)) * 10000 as decimal(22, 0)) * " ~ m,
                   "cast(cast(" ~ b ~ " as decimal(18, 4)) * 10000 as decimal(22, 0)) * " ~ n) }}
{%- endmacro %}

{#- Whole n / whole d to 12 places, half up, for numbers that are not negative; null where d is 0. -#}
{% macro whole_ratio(n, d) -%}
    cast({{ whole_division("2 * cast(1000000000000 as decimal(13, 0)) * " ~ n ~ " + " ~ d, "nullif(2 * " ~ d ~ ", 0)") }} as decimal(24, 0))
        * cast(0.000000000001 as decimal(12, 12))
{%- endmacro %}
