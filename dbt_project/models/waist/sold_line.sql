-- grain: one row per sale that was won, as an agreement
with offered as (
    {{ union_of(
        ['stg_salesforce__recurring_lines', 'stg_hubspot__recurring_lines'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'party_object', 'party_ref', 'line_ref',
         'agreement_ref', 'starts_on', 'ends_on', 'starts_at', 'ends_at', 'amount', 'currency', 'interval', 'interval_count',
         'is_trial', 'is_paused', 'is_metered', 'is_provisional', 'unpaid_since', 'unpaid_at', 'cancel_requested_on',
         'cancel_requested_at']
    ) | indent(4) }}
)

select * from offered
