-- grain: one row per survey, scored question and version of its words
select vendor, system, survey_ref, metric, version, wording, first_exported_on, last_exported_on, is_current
from {{ ref('survey_wording') }}
