-- grain: one row per piece of feedback up to the as-of day, with the customer that gave it; of test accounts none
-- A customer is worth what it was on the day, before or after whatever changed that day, the more of the two: who says why it
-- leaves is worth something.
with given as (
    select feedback.*, parties.customer_id as known_customer_id, parties.mover
    from {{ ref('feedback_category') }} as feedback
    left join {{ ref('party') }} as parties
        on feedback.vendor = parties.vendor
        and feedback.system = parties.system
        and feedback.party_object = parties.object
        and feedback.party_ref = parties.source_ref
    where not coalesce(parties.is_test, false)
),

resolved as (
    select given.*, coalesce(stays.customer_id, given.known_customer_id) as customer_id
    from given
    {{ join_stays('given.mover', 'given.given_on') }}
),

-- a fall counts from the day after it
changes as (
    select
        customer_id, {{ yearly_value('annualised_after', 'trailing_12m_after') }} as yearly_value, day,
        lead(day) over (partition by customer_id order by day, step) as next_day
    from {{ ref('ledger') }}
),

falls as (
    select
        customer_id, yearly_value, day,
        lag(yearly_value) over (partition by customer_id order by day) > yearly_value as is_fall
    from changes
    where next_day is distinct from day
),

starts as (
    select customer_id, yearly_value, case when is_fall then {{ add_days('day', '1') }} else day end as valid_from, day
    from falls
),

states as (
    select
        customer_id, yearly_value, valid_from, lead(valid_from) over (partition by customer_id order by day) as valid_to
    from starts
),

customers as (
    select distinct customer_id from {{ ref('movement') }}
),

-- of an answer with several scores the recommendation counts first, then satisfaction
scores as (
    select
        vendor, system, object, source_ref, min_by(metric, {{ metric_rank('metric') }}) as metric,
        min_by(score, {{ metric_rank('metric') }}) as score,
        bool_or({{ is_low_score('metric', 'score', 'points', 'ces_version') }}) as is_low_score
    from (
        select
            given.vendor, given.system, given.object, given.source_ref, given.metric, given.score,
            {{ points_of('given.metric', 'surveys', 'given.points') }} as points, surveys.ces_version
        from {{ ref('response') }} as given
        inner join {{ ref('survey') }} as surveys using (vendor, system, survey_ref)
    ) as placed
    group by vendor, system, object, source_ref
),

items as (
    select
        resolved.vendor, resolved.system, resolved.object, resolved.source_ref, resolved.kind, resolved.party_object,
        resolved.party_ref, resolved.given_at, resolved.given_on, resolved.survey_ref, resolved.language, resolved.has_words,
        resolved.kind = 'survey_answer' as is_aided, resolved.customer_id, customers.customer_id is not null as is_customer,
        coalesce(held.segment, 'unsegmented') as segment,
        case when customers.customer_id is not null then cast(coalesce(states.yearly_value, 0) as decimal(18, 4)) end as yearly_value,
        scores.metric, scores.score, coalesce(scores.is_low_score, false) as is_low_score, resolved.category, resolved.found_by
    from resolved
    left join customers on resolved.customer_id = customers.customer_id
    left join states
        on resolved.customer_id = states.customer_id
        and states.valid_from <= resolved.given_on
        and (states.valid_to is null or resolved.given_on < states.valid_to)
    {{ join_segment('resolved.customer_id', 'resolved.given_on') }}
    left join scores
        on resolved.vendor = scores.vendor
        and resolved.system = scores.system
        and resolved.object = scores.object
        and resolved.source_ref = scores.source_ref
)

select * from items
