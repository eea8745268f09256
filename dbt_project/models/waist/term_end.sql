-- grain: one row per paying span that ended as its contract fell due: paid on, taken over by another line, or not
-- An end in the middle of a term falls due only where nothing takes the contract's place: else the term moved with it.
with bounds as (
    select
        min(periods.period_start) as first_on, max(company.as_of_on) as as_of_on,
        max(company.history_starts_on) as history_starts_on
    from {{ ref('calendar') }} as periods
    cross join {{ ref('company') }} as company
    where periods.period_kind = 'month'
),

ends as (
    select
        spans.*,
        coalesce(stays.customer_id, spans.customer_id) as holder_id,
        {{ is_term_end('spans.anchor_on', 'spans.unit', 'spans.term_length', 'spans.ends_on') }} as is_full_term
    from {{ ref('term_span') }} as spans
    cross join bounds
    {{ join_stays('spans.mover', 'spans.ends_on') }}
    where spans.ends_on >= bounds.first_on
        and spans.ends_on <= bounds.as_of_on
        and (bounds.history_starts_on is null or spans.ends_on > bounds.history_starts_on)
),

followed as (
    select
        ends.*,
        prices.mrr_value as due_mrr_value,
        prices.annualised_value as due_annualised_value,
        not ends.stops or successors.valid_from is not null as is_renewed,
        case when ends.stops then successors.mrr_value else next_prices.mrr_value end as renewed_mrr_value,
        case when ends.stops then successors.annualised_value else next_prices.annualised_value end as renewed_annualised_value
    from ends
    inner join {{ ref('price_value') }} as prices
        on {{ same_price('ends', 'prices') }}
        and (prices.rate_from is null or prices.rate_from <= ends.ends_on)
        and (prices.rate_to is null or ends.ends_on < prices.rate_to)
    left join {{ ref('price_value') }} as next_prices
        on ends.next_amount = next_prices.amount
        and ends.next_currency = next_prices.currency
        and ends.next_interval = next_prices.interval
        and ends.next_interval_count = next_prices.interval_count
        and (next_prices.rate_from is null or next_prices.rate_from <= ends.next_from)
        and (next_prices.rate_to is null or ends.next_from < next_prices.rate_to)
    left join {{ ref('contract_successor') }} as successors
        on ends.vendor = successors.vendor
        and ends.system = successors.system
        and ends.customer_id = successors.line_customer_id
        and ends.line_ref = successors.line_ref
        and ends.valid_from = successors.valid_from
),

placed as (
    select
        followed.*,
        coalesce(held.segment, 'unsegmented') as segment
    from followed
    {{ join_segment('followed.holder_id', 'followed.ends_on') }}
    where followed.is_full_term or not followed.is_renewed
)

select
    holder_id as customer_id, vendor, system, line_ref, agreement_ref, ends_on as due_on, segment, unit, term_length, is_renewed,
    due_mrr_value, due_annualised_value,
    cast(case when is_renewed then coalesce(renewed_mrr_value, 0) else 0 end as decimal(18, 4)) as renewed_mrr_value,
    cast(case when is_renewed then coalesce(renewed_annualised_value, 0) else 0 end as decimal(18, 4)) as renewed_annualised_value
from placed
