-- grain: one row per person asked to answer a survey, or kept from it
with offered as (
    {{ union_of(
        ['stg_qualtrics__invitations', 'stg_delighted__invitations', 'stg_plain__invitations'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'survey_ref', 'party_object', 'party_ref', 'sent_at',
         'channel', 'status', 'opened_at', 'started_at', 'completed_at', 'response_ref']
    ) | indent(4) }}
)

select * from offered
