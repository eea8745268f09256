-- grain: one row per response that a customer may have given
-- Employees answer eNPS.
with answers as (
    select
        *,
        coalesce(person_id, case when substr(person, 1, 1) <> '{' then person end) as person_ref,
        {{ email_address('person_email') }} as email,
        coalesce({{ lower_case('survey_type') }}, 'nps') as survey_kind
    from {{ accepted_records('delighted', 'survey_responses') }}
),

given as (
    select
        _system as system, id, {{ survey_name('_file') }} as survey_ref, survey_kind, score, comment, created_at as responded_at,
        case when person_ref is not null then 'people' when email is not null then 'survey_responses' end as party_object,
        coalesce(person_ref, case when email is not null then id end) as party_ref,
        person_name as name, email, person_phone_number as phone, _batch_id as batch_id, _record as record
    from answers
    where survey_kind <> 'enps'
)

select * from given
