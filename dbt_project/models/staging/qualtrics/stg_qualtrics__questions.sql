-- grain: one row per export of a survey's responses and scored question that it asks
with asked as (
    select distinct _system, _file, _batch_id, _extracted_at, _wording from {{ checked_records('qualtrics', 'responses') }}
    union all
    select distinct _system, _file, _batch_id, _extracted_at, _wording from {{ checked_records('qualtrics', 'legacy_responses') }}
),

offered as (
    {%- for metric, tag in [('nps', 'nps'), ('nps', 'q1'), ('csat', 'csat'), ('ces', 'ces')] %}
    select
        'qualtrics' as vendor, _system as system, {{ survey_name('_file') }} as survey_ref, '{{ metric }}' as metric,
        {{ stripe_json_text('_wording', tag) }} as wording, _extracted_at as extracted_at, _batch_id as batch_id
    from asked
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from offered
where wording is not null
