-- grain: one row per version of a response; `refused_field` names a score that is none (null: nothing, or its contract
-- refuses it already), `_refusal` whatever refuses it
with versions as (
    select * from {{ source('surveymonkey', 'responses') }}
),

renamed as (
    select
        _system,
        respondent_id,
        {{ survey_name('_file') }} as survey_ref,
        {{ filled("coalesce(first_name, '') || ' ' || coalesce(last_name, '')") }} as name,
        {{ email_address('email_address') }} as email,
        {{ salesforce_reference('custom_data') }} as salesforce_id,
        coalesce(end_date, start_date) as responded_at,
        {{ survey_score('nps') }} as nps,
        {{ survey_score('csat') }} as csat,
        {{ survey_score('ces') }} as ces,
        comment,
        _batch_id,
        _batch_order,
        _record,
        _file,
        _extracted_at,
        _refusal as broken
    from versions
),

checked as (
    select
        *,
        case
            when broken is not null then null
            when not {{ matches('nps', '[0-9]|10') }} then 'nps'
            when not {{ matches('csat', '[0-9]{1,3}') }} then 'csat'
            when not {{ matches('ces', '[0-9]{1,3}') }} then 'ces'
        end as refused_field
    from renamed
)

select *, coalesce(broken, refused_field) as _refusal from checked
