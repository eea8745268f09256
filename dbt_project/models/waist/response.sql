-- grain: one row per answered survey question that carries a score
with offered as (
    {{ union_of(
        ['stg_qualtrics__responses', 'stg_surveymonkey__responses', 'stg_delighted__responses',
         'stg_plain__responses'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'survey_ref', 'party_object', 'party_ref',
         'responded_at', 'metric', 'score', 'points', 'invitation_ref', 'language']
    ) | indent(4) }}
)

select * from offered
