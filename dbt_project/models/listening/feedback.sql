-- grain: one row per piece of feedback up to the as-of day: an answer to a survey, a ticket, a reason for leaving, a note of a call
select
    vendor, system, object, {{ published_ref('source_ref') }} as source_ref, kind, given_on, customer_id, is_customer, segment,
    is_aided, survey_ref, metric, score, is_low_score, has_words, language, category, found_by,
    category = 'uncategorised' as is_uncategorised, (select reporting_currency from {{ ref('company') }}) as currency,
    yearly_value, 1 as definition_version
from {{ ref('feedback_item') }}
