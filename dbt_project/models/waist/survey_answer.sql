-- grain: one row per scored answer up to the as-of day: who gave it, of which customer and segment, on which scale
with given as (
    select
        answers.*, {{ company_day('answers.responded_at') }} as answered_on, parties.customer_id as known_customer_id,
        parties.mover, parties.is_test, {{ person_id('answers', 'records') }} as person_id
    from {{ ref('response') }} as answers
    left join {{ ref('party') }} as parties
        on answers.vendor = parties.vendor
        and answers.system = parties.system
        and answers.party_object = parties.object
        and answers.party_ref = parties.source_ref
    left join {{ ref('party_record') }} as records
        on answers.vendor = records.vendor
        and answers.system = records.system
        and answers.party_object = records.object
        and answers.party_ref = records.source_ref
),

owned as (
    select given.*, coalesce(stays.customer_id, given.known_customer_id) as customer_id
    from given
    {{ join_stays('given.mover', 'given.answered_on') }}
    where given.answered_on <= (select as_of_on from {{ ref('company') }})
        and not coalesce(given.is_test, false)
)

select
    owned.vendor, owned.system, owned.object, owned.source_ref, owned.survey_ref, surveys.kind, owned.responded_at,
    owned.answered_on, owned.metric, owned.score,
    case owned.metric
        when 'nps' then 11
        when 'csat' then coalesce(surveys.csat_points, owned.points, 5)
        else coalesce(surveys.ces_points, owned.points, 7)
    end as points,
    case when owned.metric = 'ces' then surveys.ces_version end as ces_version,
    owned.invitation_ref, owned.language, owned.person_id, owned.customer_id,
    {{ held_segment('owned.customer_id') }} as segment
from owned
inner join {{ ref('survey') }} as surveys using (vendor, system, survey_ref)
{{ join_segment('owned.customer_id', 'owned.answered_on') }}
