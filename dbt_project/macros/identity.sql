{#- A source record may change its customer on a day. Facts carry the number of a record that ever did, `mover`, and find
    in waist.moved_record whose it was on a day; for all others it is null, so that they cost nothing. -#}

{#- Joins `stays`: the customer of a mover on a day. -#}
{% macro join_stays(mover, day) -%}
    left join {{ ref('moved_record') }} as stays
        on {{ mover }} = stays.mover
        and (stays.valid_from is null or stays.valid_from <= {{ day }})
        and (stays.valid_to is null or {{ day }} < stays.valid_to)
{%- endmacro %}
