-- grain: one row per export of a survey's responses and scored question whose words its header rows tell
with offered as (
    {{ union_of(
        ['stg_qualtrics__questions', 'stg_surveymonkey__questions'],
        ['vendor', 'system', 'survey_ref', 'metric', 'wording', 'extracted_at', 'batch_id']
    ) | indent(4) }}
)

select * from offered
