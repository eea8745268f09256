{#- The Salesforce contact (003…) or account (001…) that another system's reference is, in 18 characters; else null. -#}
{% macro salesforce_reference(reference) -%}
    case when {{ matches(reference, '00[13][0-9a-zA-Z]{12}([0-9a-zA-Z]{3})?') }} then {{ salesforce_id(reference) }} end
{%- endmacro %}
