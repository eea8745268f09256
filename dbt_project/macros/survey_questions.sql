{#- What each export of a survey asks in its scored questions, by the header rows that landing kept: a row for each export and question
    whose words it tells. `tags` are (metric, column of the contract). -#}
{% macro survey_questions(vendor, objects, tags) -%}
with asked as (
    {%- for object in objects %}
    select distinct _system, _file, _batch_id, _extracted_at, _wording from {{ source(vendor, object) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

offered as (
    {%- for metric, tag in tags %}
    select
        '{{ vendor }}' as vendor, _system as system, {{ survey_name('_file') }} as survey_ref, '{{ metric }}' as metric,
        {{ json_text('_wording', tag) }} as wording, _extracted_at as extracted_at, _batch_id as batch_id
    from asked
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from offered
where wording is not null
{%- endmacro %}
