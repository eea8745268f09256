-- grain: one row per segment, length of term and place in time at which other contracts begin or cease to fall due there
-- A contract that pays on unchanged falls due once a term: it comes at the first place and goes at the one after the
-- last, so that no row per contract and term is needed. Days on which a span begins are in waist.term_end.
with bounds as (
    select
        greatest(
            min(periods.period_start), {{ add_days('max(company.history_starts_on)', '1') }}
        ) as first_on,
        {{ add_days('max(company.as_of_on)', '1') }} as end_on
    from {{ ref('calendar') }} as periods
    cross join {{ ref('company') }} as company
    where periods.period_kind = 'month'
),

pieces as (
    select
        coalesce(segments.segment, 'unsegmented') as segment,
        spans.unit, spans.term_length, spans.anchor_on,
        prices.mrr_value, prices.annualised_value,
        greatest(
            {{ add_days('spans.valid_from', '1') }}, prices.rate_from, stays.valid_from, segments.valid_from, bounds.first_on
        ) as from_on,
        least(spans.ends_on, prices.rate_to, stays.valid_to, segments.valid_to, bounds.end_on) as to_on
    from {{ ref('term_span') }} as spans
    cross join bounds
    inner join {{ ref('price_value') }} as prices
        on {{ same_price('spans', 'prices') }}
        and (prices.rate_to is null or spans.valid_from < prices.rate_to)
        and (prices.rate_from is null or spans.ends_on is null or prices.rate_from < spans.ends_on)
    left join {{ ref('moved_record') }} as stays
        on spans.mover = stays.mover
        and (stays.valid_from is null or spans.ends_on is null or stays.valid_from < spans.ends_on)
        and (stays.valid_to is null or spans.valid_from < stays.valid_to)
    left join {{ ref('customer_segment') }} as segments
        on coalesce(stays.customer_id, spans.customer_id) = segments.customer_id
        and (segments.valid_from is null or spans.ends_on is null or segments.valid_from < spans.ends_on)
        and (segments.valid_to is null or spans.valid_from < segments.valid_to)
),

counted as (
    select
        *,
        {{ terms_before('anchor_on', 'unit', 'term_length', 'from_on') }} as terms_before,
        {{ terms_before('anchor_on', 'unit', 'term_length', 'to_on') }} as terms_by_the_end
    from pieces
    where from_on < to_on
),

changes as (
    select
        segment, unit, term_length,
        {{ term_position(
            'anchor_on', 'unit', 'term_length', 'case when signs.sign = 1 then terms_before else terms_by_the_end end + 1'
        ) | indent(8) }} as place,
        signs.sign, mrr_value, annualised_value
    from counted
    cross join (values (1), (-1)) as signs (sign)
    where terms_by_the_end > terms_before
)

select
    segment, unit, term_length, place,
    cast(sum(sign) as bigint) as contracts,
    cast(sum(sign * mrr_value) as decimal(18, 4)) as mrr_value,
    cast(sum(sign * annualised_value) as decimal(18, 4)) as annualised_value
from changes
group by segment, unit, term_length, place
