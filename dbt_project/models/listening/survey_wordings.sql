-- grain: one row per survey, scored question and version of its words
-- Of a survey that was renamed the earlier name is none.
select
    words.vendor, words.system, words.survey_ref, words.metric, words.version, words.wording, words.first_exported_on,
    words.last_exported_on, words.is_current
from {{ ref('survey_wording') }} as words
inner join {{ ref('survey') }} using (vendor, system, survey_ref)
