-- grain: one row per response that a person gave, complete or not
with answers as (
    select * from {{ newest_of(ref('stg_qualtrics__checked_answers'), 'qualtrics', 'responses', ['response_id']) }}
),

given as (
    select
        _system as system, response_id, survey_ref, name, email, salesforce_id, is_complete, progress, responded_at,
        -- an anonymous response is nobody's: a name alone never joins
        case when email is not null or salesforce_id is not null then response_id end as party_ref,
        nps, csat, ces, _batch_id as batch_id, _record as record
    from answers
    where is_somebodys
)

select * from given
