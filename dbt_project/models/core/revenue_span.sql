-- grain: one row per customer, line and days at an unchanged price, [valid_from, valid_to); valid_to null: open
with spans as (
    select * from {{ ref('valued_span') }}
),

-- a span goes on for another customer from the day on which its record does
held as (
    select
        coalesce(stays.customer_id, spans.customer_id) as customer_id,
        greatest(spans.valid_from, stays.valid_from) as valid_from,
        least(spans.valid_to, stays.valid_to) as valid_to,
        spans.line_ref, spans.amount, spans.list_amount, spans.discount_amount, spans.currency, spans.interval, spans.interval_count, spans.monthly_amount,
        spans.mrr_value, spans.annualised_value,
        spans.vendor, spans.system, spans.object, spans.source_ref, spans.batch_id, spans.record, spans.is_provisional
    from spans
    left join {{ ref('moved_record') }} as stays
        on spans.mover = stays.mover
        and (stays.valid_from is null or spans.valid_to is null or stays.valid_from < spans.valid_to)
        and (stays.valid_to is null or spans.valid_from < stays.valid_to)
)

select
    customer_id, {{ published_ref('line_ref') }} as line_ref, valid_from, valid_to, amount, list_amount,
    discount_amount, currency, interval, interval_count, monthly_amount, mrr_value, annualised_value,
    vendor, system, object, {{ published_ref('source_ref') }} as source_ref, batch_id, record, is_provisional
from held
