{#- The score that an answer holds: the whole number that its text is, begins with or ends with, as exports of choice text
    have it ('10 - Extremely likely', 'Not at all likely - 0'). Any other text comes back as it is ('4 of 5' holds two). -#}
{% macro survey_score(answer) -%}
    {%- set first = "split_part(" ~ answer ~ ", ' ', 1)" -%}
    {%- set last = "split_part(" ~ answer ~ ", ' ', -1)" -%}
    {%- set number = '[0-9]{1,3}' -%}
    case
        when {{ matches(first, number) }} and not {{ matches(last, number) }} then {{ first }}
        when {{ matches(last, number) }} and not {{ matches(first, number) }} then {{ last }}
        else {{ answer }}
    end
{%- endmacro %}
