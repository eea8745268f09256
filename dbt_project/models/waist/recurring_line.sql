-- grain: one row per agreement at an unchanged price, as its source states it, before discounts (trials, free plans,
-- pauses and usage included)
-- Sales opportunities stand in only where a company has no billing source at all: one that bills usage or single
-- invoices alone is a billing source too.
with billed as (
    {{ union_of(
        ['stg_stripe__recurring_lines', 'stg_plain__recurring_lines', 'stg_chargebee__recurring_lines'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'party_object', 'party_ref', 'line_ref',
         'agreement_ref', 'starts_on', 'ends_on', 'starts_at', 'ends_at', 'amount', 'currency', 'interval', 'interval_count',
         'is_trial', 'is_paused', 'is_metered', 'is_provisional', 'unpaid_since', 'unpaid_at', 'cancel_requested_on',
         'cancel_requested_at']
    ) | indent(4) }}
),

billing_subscriptions as (
    {{ union_of(['stg_stripe__subscriptions', 'stg_chargebee__subscriptions'], ['is_test']) | indent(4) }}
),

-- counted, since two `exists` beside each other over what is also read elsewhere have made DuckDB 2.0 wait for itself
billing as (
    select
        (select count(*) from billed)
        + (select count(*) from {{ ref('billed_amount') }})
        + (select count(*) from billing_subscriptions where not is_test) as records
),

lines as (
    select * from billed
    union all
    select * from {{ ref('sold_line') }}
    where (select records from billing) = 0
)

select * from lines
