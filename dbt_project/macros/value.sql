{#- What one span or amount is worth: exact integer arithmetic and one rounding, half up, to the currency's minor unit. -#}

{#- A price per interval as a value per month or per year: amount x rate x per / every, where one interval lasts
    every/per months (or years). Amounts have 4 decimals and rates 8, so the product is whole in units of 10^-12.
    Of a month or year that is covered in part, `days` of its `of_days`. -#}
{% macro value_of(amount, rate, interval, interval_count, basis, currency, days='1', of_days='1') -%}
    {%- set per = {
        'mrr': "case " ~ interval ~ " when 'day' then 365 when 'week' then 52 else 1 end",
        'annualised': "case " ~ interval ~ " when 'day' then 365 when 'week' then 52 when 'month' then 12 when 'quarter' then 4 else 1 end",
    }[basis] -%}
    {%- set every = {
        'mrr': "case " ~ interval ~ " when 'month' then 1 when 'quarter' then 3 else 12 end",
        'annualised': "1",
    }[basis] -%}
    {{ rounded_share(
        amount, rate, "(" ~ per ~ ") * " ~ days, "(" ~ every ~ ") * " ~ interval_count ~ " * " ~ of_days, currency) }}
{%- endmacro %}

{#- amount x rate x times / parts, rounded once, half away from zero, at the currency's minor unit. -#}
{% macro rounded_share(amount, rate, times, parts, currency) -%}
    {%- set unit = "cast(case " ~ minor_digits(currency) ~ " when 0 then 1000000000000 when 3 then 1000000000 else 10000000000 end as decimal(14, 0))" -%}
    {%- set top = whole("abs(" ~ amount ~ ")", 4) ~ " * " ~ whole(rate, 8) ~ " * (" ~ times ~ ")" -%}
    {%- set bottom = "(" ~ parts ~ ") * " ~ unit -%}
    cast(cast({{ whole_division("2 * " ~ top ~ " + " ~ bottom, "2 * " ~ bottom) }} as decimal(18, 0))
        * cast(case {{ minor_digits(currency) }} when 0 then 1 when 3 then 0.001 else 0.01 end as decimal(4, 3))
        * case when {{ amount }} < 0 then -1 else 1 end as decimal(18, 4))
{%- endmacro %}

{#- amount x times / parts, both whole numbers that may be large, rounded once, half away from zero, at the currency's minor unit;
    null where parts is 0. -#}
{% macro share_of_money(amount, times, parts, currency) -%}
    {%- set top = whole("abs(" ~ amount ~ ")", 4) ~ " * case " ~ minor_digits(currency)
        ~ " when 0 then 1 when 3 then 1000 else 100 end * cast(" ~ times ~ " as decimal(38, 0))" -%}
    {%- set bottom = "10000 * cast(" ~ parts ~ " as decimal(38, 0))" -%}
    cast(cast({{ whole_division("2 * " ~ top ~ " + " ~ bottom, "nullif(2 * " ~ bottom ~ ", 0)") }} as decimal(18, 0))
        * cast(case {{ minor_digits(currency) }} when 0 then 1 when 3 then 0.001 else 0.01 end as decimal(4, 3))
        * case when {{ amount }} < 0 then -1 else 1 end as decimal(18, 4))
{%- endmacro %}

{#- One value column for each value basis; `$` stands for the basis. -#}
{% macro on_each_basis(expression) -%}
    {%- for basis in ['mrr', 'annualised', 'trailing_12m'] -%}
        cast({{ expression | replace('$', basis) }} as decimal(18, 4)) as {{ basis }}_value{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- In a grouped select over flows: the customers or the value of movements (one, or several together), 0 where there were
    none. -#}
{% macro customers_of() %}{{ return(
    "cast(coalesce(sum(customers) filter (where movement in ('" ~ varargs | join("', '") ~ "')), 0) as bigint)") }}{% endmacro %}
{% macro amount_of() %}{{ return(
    "cast(coalesce(sum(value) filter (where movement in ('" ~ varargs | join("', '") ~ "')), 0) as decimal(18, 4))") }}{% endmacro %}

{#- In a grouped select: what discounts by a share (0 to 100; nulls are none) leave of 1 one after the other, to 8 places. -#}
{% macro kept_of(percent) %}{{ return(adapter.dispatch('kept_of')(
    "cast(cast(100 - " ~ percent ~ " as decimal(18, 6)) * cast(0.01 as decimal(3, 2)) as decimal(18, 8))")) }}{% endmacro %}
{% macro duckdb__kept_of(kept) -%}
    list_reduce(
        list_prepend(cast(1 as decimal(18, 8)), list_sort(list({{ kept }}) filter (where {{ kept }} is not null))),
        lambda one, other: cast(one * other as decimal(18, 8))
    )
{%- endmacro %}
{% macro spark__kept_of(kept) -%}
    aggregate(
        sort_array(collect_list({{ kept }})), cast(1 as decimal(18, 8)),
        (one, other) -> cast(one * other as decimal(18, 8))
    )
{%- endmacro %}

{#- What somebody is worth a year: the annualised value of contracts or, without any, what was bought in twelve months. -#}
{% macro yearly_value(annualised, trailing_12m) -%}
    cast(coalesce(case when {{ annualised }} > 0 then {{ annualised }} else {{ trailing_12m }} end, 0) as decimal(18, 4))
{%- endmacro %}

{#- Whether two rows name one price: what is paid, and how often. -#}
{% macro same_price(one, other) -%}
    {%- for column in ['amount', 'currency', 'interval', 'interval_count'] -%}
    {{ ' and ' if not loop.first }}{{ one }}.{{ column }} = {{ other }}.{{ column }}
    {%- endfor -%}
{%- endmacro %}
