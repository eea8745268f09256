{#- By what Salesforce's own versions of one record follow each other: any change, by a person or by Salesforce itself. -#}
{% macro salesforce_stamp() %}{{ return("coalesce(system_modstamp, last_modified_date)") }}{% endmacro %}

{#- The newest good version of each record of a Salesforce object, with its 18-character id in `record_id`: a company's files
    hold the same id in 15 and in 18 characters, which are two keys to the contract.
    Grain: one row per system and record_id. -#}
{% macro salesforce_records(object) -%}
    {%- set versions = "(select *, " ~ salesforce_id('id') ~ " as record_id from "
        ~ source('salesforce', object) ~ ")" -%}
    {{- newest_of(versions, 'salesforce', object, ['record_id'], salesforce_stamp()) -}}
{%- endmacro %}
