{#- Who a plain record speaks of: the customer it names, else whoever has the e-mail address in it (the record then stands
    for that person), else nobody. Two columns: party_object, party_ref. -#}
{% macro plain_party(object, ref) -%}
    case when customer_ref is not null then 'customers' when {{ email_address('email') }} is not null then '{{ object }}' end
        as party_object,
    coalesce(customer_ref, case when {{ email_address('email') }} is not null then {{ ref }} end) as party_ref
{%- endmacro %}
