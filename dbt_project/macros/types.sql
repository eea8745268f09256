{#- Text to types. Casts of the engines round and guess in silence, so a value counts only if its text is exactly
    what the type writes; anything else is null here and a refused record in `checked_records`. -#}

{% macro filled(text) %}{{ return("nullif(trim(" ~ text ~ "), '')") }}{% endmacro %}

{% macro typed(column, type) -%}
    {%- set text = filled(column) -%}
    {%- if type == 'date' -%}
        case when cast(try_cast({{ text }} as date) as string) = {{ text }} then try_cast({{ text }} as date) end
    {%- elif type in ('integer', 'minor') -%}
        case when cast(try_cast({{ text }} as bigint) as string) = {{ text }} then try_cast({{ text }} as bigint) end
    {%- elif type == 'money' -%}
        case when {{ matches(text, '-?[0-9]{1,14}([.][0-9]{1,4})?') }} then try_cast({{ text }} as decimal(18, 4)) end
    {%- elif type == 'decimal' -%}
        case when {{ matches(text, '-?[0-9]{1,16}([.][0-9]{1,12})?') }} then try_cast({{ text }} as decimal(28, 12)) end
    {%- elif type == 'boolean' -%}
        case when lower({{ text }}) in ('true', '1') then true when lower({{ text }}) in ('false', '0') then false end
    {%- elif type == 'timestamp' -%}
        case
            when {{ matches(text, '[0-9]{9,11}') }} then {{ from_epoch(text) }}
            when {{ matches(text, moment_pattern() ~ '( ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?') }} then {{ utc(text) }}
        end
    {%- elif type == 'local_timestamp' -%}
        case when {{ matches(text, moment_pattern()) }} then {{ utc(text, column.split('.')[0] ~ '._time_zone') }} end
    {%- else -%}
        {{ text }}
    {%- endif -%}
{%- endmacro %}

{#- A date, or a date and a time of day; never a bare time, which one engine reads as today. -#}
{% macro moment_pattern() %}{{ return('[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?)?') }}{% endmacro %}

{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches')(text, pattern)) }}{% endmacro %}
{% macro duckdb__matches(text, pattern) %}{{ return("regexp_full_match(" ~ text ~ ", '" ~ pattern ~ "')") }}{% endmacro %}
{% macro spark__matches(text, pattern) %}{{ return("(" ~ text ~ " rlike '^(" ~ pattern ~ ")$')") }}{% endmacro %}
