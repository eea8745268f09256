{#- Joins `held`: the segment that a customer held on a day, which `held_segment` then names. -#}
{% macro join_segment(customer, day) -%}
    left join {{ ref('customer_segment') }} as held
        on {{ customer }} = held.customer_id
        and (held.valid_from is null or held.valid_from <= {{ day }})
        and (held.valid_to is null or {{ day }} < held.valid_to)
{%- endmacro %}

{% macro held_segment(customer) %}{{ return("case when " ~ customer ~ " is not null then coalesce(held.segment, 'unsegmented') end") }}{% endmacro %}
