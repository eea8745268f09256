-- grain: one row per response
with answers as (
    select * from {{ newest_of(
        ref('stg_surveymonkey__checked_responses'), 'surveymonkey', 'responses', ['respondent_id']
    ) }}
),

given as (
    select
        'surveymonkey' as vendor, _system as system, respondent_id, survey_ref, name, email, salesforce_id, responded_at, nps, csat, ces, comment,
        -- an anonymous response is nobody's: a name alone never joins
        case when email is not null or salesforce_id is not null then respondent_id end as party_ref,
        _batch_id as batch_id, _record as record
    from answers
)

select * from given
