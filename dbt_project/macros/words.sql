{#- Figures as a person reads them, for sentences that are made in SQL. -#}

{#- `1,234,567`: a whole number, not negative. -#}
{% macro grouped(number) %}{{ return(adapter.dispatch('grouped')("cast(" ~ number ~ " as bigint)")) }}{% endmacro %}
{% macro duckdb__grouped(number) %}{{ return("format('{:,}', " ~ number ~ ")") }}{% endmacro %}
{% macro spark__grouped(number) %}{{ return("format_number(" ~ number ~ ", 0)") }}{% endmacro %}

{#- `1 customer`, `1,200 customers`. -#}
{% macro counted(number, noun) -%}
    {{ grouped(number) }} || case when {{ number }} = 1 then ' {{ noun }}' else ' {{ noun }}s' end
{%- endmacro %}

{#- `USD 1,234.50`: an amount without its sign, in the currency's own coins. What is smaller than a coin is cut off. -#}
{% macro money_text(amount, currency) -%}
    {%- set coins = "cast(floor((abs(" ~ amount ~ ") - floor(abs(" ~ amount ~ "))) * case " ~ minor_digits(currency) ~ " when 3 then 1000 else 100 end) as integer)" -%}
    {{ currency }} || ' ' || {{ grouped("floor(abs(" ~ amount ~ "))") }} || case {{ minor_digits(currency) }}
        when 0 then '' when 3 then '.' || lpad(cast({{ coins }} as string), 3, '0') else '.' || lpad(cast({{ coins }} as string), 2, '0')
    end
{%- endmacro %}

{#- What an amount of a value basis is of: ` a month`, ` a year`, ` in twelve months`. -#}
{% macro per_basis(value_basis) -%}
    case {{ value_basis }} when 'mrr' then ' a month' when 'annualised' then ' a year' else ' in twelve months' end
{%- endmacro %}

{#- `October 2026`; longer periods by their first month, because a fiscal year may start in any. -#}
{% macro period_text(period_kind, period_start) -%}
    case when {{ period_kind }} = 'month' then '' else 'the ' || {{ period_kind }} || ' from ' end
    || case month({{ period_start }})
        {%- for month in ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
                          'November', 'December'] %}
        when {{ loop.index }} then '{{ month }} '
        {%- endfor %}
    end || cast(year({{ period_start }}) as string)
{%- endmacro %}
