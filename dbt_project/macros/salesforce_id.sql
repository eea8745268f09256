{#- A Salesforce id in its 18-character form. The 15-character form tells records apart by upper and lower case alone;
    the three added characters write down which letters of each five are capitals. Other texts come back trimmed. -#}
{% macro salesforce_id(id) -%}
    {%- set text = trimmed(id) -%}
    {%- set added = [] -%}
    {%- for first in (1, 6, 11) -%}
        {%- set bits = [] -%}
        {%- for place in range(5) -%}
            {%- do bits.append("case when substr(" ~ text ~ ", " ~ (first + place) ~ ", 1) between 'A' and 'Z' then "
                ~ 2 ** place ~ " else 0 end") -%}
        {%- endfor -%}
        {%- do added.append("substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1 + " ~ bits | join(" + ") ~ ", 1)") -%}
    {%- endfor -%}
    case when length({{ text }}) = 15 then {{ text }} || {{ added | join(" || ") }} else {{ text }} end
{%- endmacro %}
