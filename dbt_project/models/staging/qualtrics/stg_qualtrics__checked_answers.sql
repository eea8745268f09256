-- grain: one row per version of a response; `refused_field` names a score that is none (null: nothing, or its contract
-- refuses it already), `_refusal` whatever refuses it
with versions as (
    select
        'responses' as object, _system, response_id,
        {{ filled("coalesce(recipient_first_name, '') || ' ' || coalesce(recipient_last_name, '')") }} as name,
        recipient_email, external_reference, status, finished, progress, end_date, nps, q1, q1_nps_group, csat, ces,
        comment, topics, user_language, _batch_id, _batch_order, _record, _file, _extracted_at, _refusal
    from {{ source('qualtrics', 'responses') }}
    union all
    select
        'legacy_responses', _system, response_id, recipient_name, recipient_email, external_reference, status, finished,
        cast(null as bigint), end_date, nps, q1, q1_nps_group, csat, ces,
        comment, cast(null as string), cast(null as string), _batch_id, _batch_order, _record, _file, _extracted_at, _refusal
    from {{ source('qualtrics', 'legacy_responses') }}
),

renamed as (
    select
        object,
        _system,
        response_id,
        {{ survey_name('_file') }} as survey_ref,
        name,
        {{ email_address('recipient_email') }} as email,
        {{ salesforce_reference('external_reference') }} as salesforce_id,
        -- Status is a number or choice text, as the export was made; previews, tests, spam and synthetic answers are
        -- nobody's
        status is null
            or not (
                status in ('1', '2', '8', '9', '12', '17', '40', '256')
                or lower(status) like '%preview%'
                or lower(status) like '%test%'
                or lower(status) like '%spam%'
                or lower(status) = 'synthetic'
            ) as is_somebodys,
        -- its text differs by the account's language, so beyond the four known forms Progress decides
        case
            when lower(finished) in ('0', 'false') then false
            when lower(finished) in ('1', 'true') then coalesce(progress, 100) = 100
            else coalesce(progress, 0) = 100
        end as is_complete,
        progress,
        end_date as responded_at,
        {{ survey_score("coalesce(nps, case when q1_nps_group is not null then q1 end)") }} as nps,
        {{ survey_score('csat') }} as csat,
        {{ survey_score('ces') }} as ces,
        comment,
        topics,
        user_language,
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
            when broken is not null or not is_somebodys or not is_complete then null
            when not {{ matches('nps', '[0-9]|10') }} then 'nps'
            when not {{ matches('csat', '[0-9]{1,3}') }} then 'csat'
            when not {{ matches('ces', '[0-9]{1,3}') }} then 'ces'
        end as refused_field
    from renamed
)

select *, coalesce(broken, refused_field) as _refusal from checked
