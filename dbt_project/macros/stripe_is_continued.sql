{#- True where a row begins as the row before it in the window ends, and holds the same values. -#}
{% macro stripe_is_continued(starts, ends, values, window) -%}
    coalesce(
        {{ starts }} = lag({{ ends }}) over {{ window }}
        {%- for value in values %}
        and {{ value }} = lag({{ value }}) over {{ window }}
        {%- endfor %},
        false
    )
{%- endmacro %}
