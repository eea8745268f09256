{#- Moments are UTC timestamps; a moment becomes a day in the company's time zone, in one place. -#}

{#- The company's day on which a UTC moment falls. -#}
{% macro company_day(moment) %}{{ return("cast(" ~ company_time(moment) ~ " as date)") }}{% endmacro %}

{#- A UTC moment as the company's clocks show it. -#}
{% macro company_time(moment) %}{{ return(time_in_zone(moment, "(select time_zone from " ~ source('run', 'settings') ~ ")")) }}{% endmacro %}

{#- The day of a time zone, which may stand in a column, on which a UTC moment falls. -#}
{% macro day_in_zone(moment, zone) %}{{ return("cast(" ~ time_in_zone(moment, zone) ~ " as date)") }}{% endmacro %}

{#- A UTC moment as the clocks of a time zone, which may stand in a column, show it. -#}
{% macro time_in_zone(moment, zone) %}{{ return(adapter.dispatch('time_in_zone')(moment, zone)) }}{% endmacro %}
{% macro duckdb__time_in_zone(moment, zone) %}{{ return(
    "timezone(" ~ zone ~ ", timezone('UTC', cast(" ~ moment ~ " as timestamp)))") }}{% endmacro %}
{% macro spark__time_in_zone(moment, zone) %}{{ return("convert_timezone('UTC', " ~ zone ~ ", cast(" ~ moment ~ " as timestamp_ntz))") }}{% endmacro %}

{#- Seconds that the company had worked up to a time of its clocks, counted from the first of `working_day`; `day` is the row of that day. -#}
{% macro worked_until(day, time) -%}
    {%- set of_day = "hour(" ~ time ~ ") * 3600 + minute(" ~ time ~ ") * 60 + second(" ~ time ~ ")" -%}
    ({{ day }}.worked_before + least(greatest({{ of_day }} - {{ day }}.opens, 0), {{ day }}.closes - {{ day }}.opens))
{%- endmacro %}

{#- A day moved by whole months; a day that the month lacks becomes its last. -#}
{% macro add_months(day, months) %}{{ return("cast(" ~ day ~ " + (" ~ months ~ ") * interval 1 month as date)") }}{% endmacro %}

{#- A day moved by whole days. -#}
{% macro add_days(day, days) %}{{ return("cast(" ~ day ~ " + (" ~ days ~ ") * interval 1 day as date)") }}{% endmacro %}

{#- Whole days from one day to a later one. -#}
{% macro days_between(earlier, later) %}{{ return(adapter.dispatch('days_between')(earlier, later)) }}{% endmacro %}
{% macro duckdb__days_between(earlier, later) %}{{ return("cast(" ~ later ~ " - " ~ earlier ~ " as integer)") }}{% endmacro %}
{% macro spark__days_between(earlier, later) %}{{ return("datediff(" ~ later ~ ", " ~ earlier ~ ")") }}{% endmacro %}

{#- Whole seconds from one moment to a later one. -#}
{% macro seconds_between(earlier, later) %}{{ return(adapter.dispatch('seconds_between')(earlier, later)) }}{% endmacro %}
{% macro duckdb__seconds_between(earlier, later) %}{{ return("date_sub('second', " ~ earlier ~ ", " ~ later ~ ")") }}{% endmacro %}
{% macro spark__seconds_between(earlier, later) %}{{ return("timestampdiff(second, " ~ earlier ~ ", " ~ later ~ ")") }}{% endmacro %}

{#- The first day of a day's month. -#}
{% macro month_of(day) %}{{ return("cast(date_trunc('month', " ~ day ~ ") as date)") }}{% endmacro %}

{#- The first month that begins on a day or after it. -#}
{% macro month_from(day) %}{{ return(add_months(month_of(add_days(day, '-1')), '1')) }}{% endmacro %}

{#- Months from one month to a later one, both by a day in them. -#}
{% macro months_between(earlier, later) %}{{ return(
    "((year(" ~ later ~ ") - year(" ~ earlier ~ ")) * 12 + month(" ~ later ~ ") - month(" ~ earlier ~ "))") }}{% endmacro %}

{#- The end of the last whole interval that begins from a day on and before another, later one; null where that is. -#}
{% macro whole_intervals(first, last, interval, interval_count) -%}
    {%- set months = "(case " ~ interval ~ " when 'month' then 1 when 'quarter' then 3 else 12 end * " ~ interval_count ~ ")" -%}
    {%- set days = "(case " ~ interval ~ " when 'week' then 7 else 1 end * " ~ interval_count ~ ")" -%}
    {%- set apart = "((extract(year from " ~ last ~ ") - extract(year from " ~ first ~ ")) * 12 + extract(month from " ~ last
        ~ ") - extract(month from " ~ first ~ "))" -%}
    {%- set needed = "(" ~ apart ~ " + case when " ~ add_months(first, apart) ~ " < " ~ last ~ " then 1 else 0 end)" -%}
    case
        when {{ interval }} in ('day', 'week') then {{ add_days(
            first, "cast(" ~ whole_division(days_between(first, last) ~ " + " ~ days ~ " - 1", days) ~ " * " ~ days ~ " as int)"
        ) }}
        else {{ add_months(
            first, "cast(" ~ whole_division(needed ~ " + " ~ months ~ " - 1", months) ~ " * " ~ months ~ " as int)"
        ) }}
    end
{%- endmacro %}

{#- In a select list: one row for each whole number from 0 to `last`. -#}
{% macro each_number(last) %}{{ return(adapter.dispatch('each_number')(last)) }}{% endmacro %}
{% macro duckdb__each_number(last) %}{{ return("unnest(range(cast(" ~ last ~ " as bigint) + 1))") }}{% endmacro %}
{% macro spark__each_number(last) %}{{ return("explode(case when " ~ last ~ " >= 0 then sequence(cast(0 as bigint), cast(" ~ last ~ " as bigint)) end)") }}{% endmacro %}

{#- Stops the run with a sentence for the user; in a place that is evaluated only where something is wrong.
    The mark before it tells dagster_project/dbt.py the sentence from a defect. -#}
{% macro stop(message) %}{{ return(adapter.dispatch('stop')("'[stop] ' || " ~ message)) }}{% endmacro %}
{% macro duckdb__stop(message) %}{{ return("error(" ~ message ~ ")") }}{% endmacro %}
{% macro spark__stop(message) %}{{ return("raise_error(" ~ message ~ ")") }}{% endmacro %}

{#- Of months [month_from, month_to), each told by its first day that counts, those told by days [valid_from, valid_to): the
    columns first_on, month_from, month_to, and last_on, the day that tells the last of them. No month is left of some. -#}
{% macro cut_to(months, held) -%}
    {%- set later = "(" ~ held ~ ".valid_from > " ~ months ~ ".first_on)" -%}
    {%- set starts = month_from(held ~ ".valid_from") -%}
    {%- set month_to = "least(" ~ months ~ ".month_to, coalesce(" ~ month_from(held ~ ".valid_to") ~ ", " ~ months ~ ".month_to))" -%}
    case when {{ later }} then {{ starts }} else {{ months }}.first_on end as first_on,
    case when {{ later }} then {{ starts }} else {{ months }}.month_from end as month_from,
    {{ month_to }} as month_to,
    greatest({{ months }}.first_on, {{ add_months(month_to, '-1') }}) as last_on
{%- endmacro %}
