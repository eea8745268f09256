{#- Moments are UTC timestamps; a moment becomes a day in the company's time zone, in one place. -#}

{#- Text of a moment to UTC. Without an offset it is read in `zone`, by default UTC. -#}
{% macro utc(text, zone=none) %}{{ return(adapter.dispatch('utc')(text, zone)) }}{% endmacro %}
{% macro duckdb__utc(text, zone) -%}
    {%- if zone -%}
        timezone('UTC', timezone(coalesce({{ zone }}, 'UTC'), try_cast({{ text }} as timestamp)))
    {%- else -%}
        timezone('UTC', try_cast(replace({{ text }}, ' +', '+') as timestamptz))
    {%- endif -%}
{%- endmacro %}
{% macro spark__utc(text, zone) -%}
    {%- if zone -%}
        to_utc_timestamp(try_cast({{ text }} as timestamp), coalesce({{ zone }}, 'UTC'))
    {%- else -%}
        try_cast({{ text }} as timestamp)
    {%- endif -%}
{%- endmacro %}

{% macro from_epoch(seconds) %}{{ return(adapter.dispatch('from_epoch')(seconds)) }}{% endmacro %}
{% macro duckdb__from_epoch(seconds) %}{{ return("timezone('UTC', to_timestamp(try_cast(" ~ seconds ~ " as bigint)))") }}{% endmacro %}
{% macro spark__from_epoch(seconds) %}{{ return("timestamp_seconds(try_cast(" ~ seconds ~ " as bigint))") }}{% endmacro %}

{#- The company's day on which a UTC moment falls. -#}
{% macro company_day(moment) %}{{ return(adapter.dispatch('company_day')(
    moment, "(select time_zone from " ~ source('run', 'settings') ~ ")")) }}{% endmacro %}
{% macro duckdb__company_day(moment, zone) %}{{ return(
    "cast(timezone(" ~ zone ~ ", timezone('UTC', cast(" ~ moment ~ " as timestamp))) as date)") }}{% endmacro %}
{% macro spark__company_day(moment, zone) %}{{ return("cast(from_utc_timestamp(" ~ moment ~ ", " ~ zone ~ ") as date)") }}{% endmacro %}

{#- A day moved by whole months; a day that the month lacks becomes its last. -#}
{% macro add_months(day, months) %}{{ return("cast(" ~ day ~ " + (" ~ months ~ ") * interval 1 month as date)") }}{% endmacro %}
