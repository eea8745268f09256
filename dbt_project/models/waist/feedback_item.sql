-- grain: one row per piece of feedback up to the as-of day, with the customer that gave it; of test accounts none
-- A customer is worth what it was on the day, before or after whatever changed that day, the more of the two: who says why it
-- leaves is worth something.
with given as (
    select
        verbatims.vendor, verbatims.system, verbatims.object, verbatims.source_ref, verbatims.kind, verbatims.party_object,
        verbatims.party_ref, verbatims.given_at, verbatims.given_on, verbatims.survey_ref, verbatims.language,
        verbatims.text is not null as has_words, parties.customer_id, parties.mover
    from {{ ref('verbatim') }} as verbatims
    left join {{ ref('party') }} as parties
        on verbatims.vendor = parties.vendor
        and verbatims.system = parties.system
        and verbatims.party_object = parties.object
        and verbatims.party_ref = parties.source_ref
    where not coalesce(parties.is_test, false)
        and verbatims.given_on <= (select as_of_on from {{ ref('company') }})
),

resolved as (
    select
        given.vendor, given.system, given.object, given.source_ref, given.kind, given.party_object, given.party_ref,
        given.given_at, given.given_on, given.survey_ref, given.language, given.has_words,
        coalesce(stays.customer_id, given.customer_id) as customer_id
    from given
    {{ join_stays('given.mover', 'given.given_on') }}
),

days as (
    select distinct resolved.customer_id, resolved.given_on
    from resolved
    semi join (select distinct customer_id from {{ ref('movement') }}) as customers
        on resolved.customer_id = customers.customer_id
),

states as (
    select
        customer_id, day as valid_from, lead(day) over (partition by customer_id order by day, step) as valid_to,
        {{ yearly_value('annualised_after', 'trailing_12m_after') }} as yearly_value
    from {{ ref('ledger') }}
    qualify lead(day) over (partition by customer_id order by day, step) is distinct from day
),

valued as (
    select days.customer_id, days.given_on, cast(coalesce(max(states.yearly_value), 0) as decimal(18, 4)) as yearly_value
    from days
    left join states
        on days.customer_id = states.customer_id
        and states.valid_from <= days.given_on
        and (states.valid_to is null or days.given_on <= states.valid_to)
    group by days.customer_id, days.given_on
),

-- of an answer with several scores the recommendation counts first, then satisfaction
scores as (
    select
        vendor, system, object, source_ref, min_by(metric, {{ metric_rank('metric') }}) as metric,
        min_by(score, {{ metric_rank('metric') }}) as score, bool_or({{ is_low_score('metric', 'score') }}) as is_low_score
    from {{ ref('response') }}
    group by vendor, system, object, source_ref
),

items as (
    select
        resolved.vendor, resolved.system, resolved.object, resolved.source_ref, resolved.kind, resolved.party_object,
        resolved.party_ref, resolved.given_at, resolved.given_on, resolved.survey_ref, resolved.language, resolved.has_words,
        resolved.kind = 'survey_answer' as is_aided, resolved.customer_id, valued.customer_id is not null as is_customer,
        coalesce(held.segment, 'unsegmented') as segment, valued.yearly_value, scores.metric, scores.score,
        coalesce(scores.is_low_score, false) as is_low_score, categories.category, categories.found_by
    from resolved
    left join valued
        on resolved.customer_id = valued.customer_id
        and resolved.given_on = valued.given_on
    left join {{ ref('customer_segment') }} as held
        on resolved.customer_id = held.customer_id
        and (held.valid_from is null or held.valid_from <= resolved.given_on)
        and (held.valid_to is null or resolved.given_on < held.valid_to)
    left join scores
        on resolved.vendor = scores.vendor
        and resolved.system = scores.system
        and resolved.object = scores.object
        and resolved.source_ref = scores.source_ref
    left join {{ ref('feedback_category') }} as categories
        on resolved.vendor = categories.vendor
        and resolved.system = categories.system
        and resolved.object = categories.object
        and resolved.source_ref = categories.source_ref
        and resolved.given_on = categories.given_on
)

select * from items
