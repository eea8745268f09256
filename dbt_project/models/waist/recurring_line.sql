-- grain: one row per agreement at an unchanged price, as its source states it (trials and free plans included)
-- Sales opportunities stand in only where a company has no billing source at all: one that bills usage or single
-- invoices alone is a billing source too.
with billed as (
    {{ union_of(
        ['stg_stripe__recurring_lines', 'stg_plain__recurring_lines'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'party_object', 'party_ref', 'line_ref',
         'starts_on', 'ends_on', 'amount', 'currency', 'interval', 'interval_count', 'is_trial', 'is_provisional',
         'cancel_requested_on']
    ) | indent(4) }}
),

billing_subscriptions as (
    {{ union_of(['stg_stripe__subscriptions'], ['is_test']) | indent(4) }}
),

sold as (
    {{ union_of(
        ['stg_salesforce__recurring_lines'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'party_object', 'party_ref', 'line_ref',
         'starts_on', 'ends_on', 'amount', 'currency', 'interval', 'interval_count', 'is_trial', 'is_provisional',
         'cancel_requested_on']
    ) | indent(4) }}
    where not exists (select 1 from billed)
        and not exists (select 1 from {{ ref('billed_amount') }})
        and not exists (select 1 from billing_subscriptions where not is_test)
),

lines as (
    select * from billed
    union all
    select * from sold
)

select * from lines
