-- grain: one row per survey, scored question and run of exports that have it in the same words
with compared as (
    select
        *,
        lag(wording) over (partition by vendor, system, survey_ref, metric order by extracted_at, batch_id)
            is distinct from wording as is_new
    from {{ ref('survey_question') }}
),

numbered as (
    select
        *,
        sum(case when is_new then 1 else 0 end) over (
            partition by vendor, system, survey_ref, metric order by extracted_at, batch_id
        ) as version
    from compared
),

versions as (
    select
        vendor, system, survey_ref, metric, cast(version as integer) as version, wording,
        {{ company_day('min(extracted_at)') }} as first_exported_on, {{ company_day('max(extracted_at)') }} as last_exported_on
    from numbered
    group by vendor, system, survey_ref, metric, version, wording
)

select
    *, version = max(version) over (partition by vendor, system, survey_ref, metric) as is_current
from versions
