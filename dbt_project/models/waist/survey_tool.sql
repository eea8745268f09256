-- grain: one row per survey that was sent or answered up to the as-of day: what its tool notes of it
-- What a tool notes of no invitation ever, it does not notice.
select
    vendor, system, survey_ref,
    bool_or(outcome <> 'unexplained') as tells_sends,
    bool_or(outcome = 'started') as tells_starts,
    bool_or(outcome = 'opened') as tells_opens,
    bool_or(outcome = 'finished') or not bool_or(outcome = 'unexplained') as tells_whose_answer
from {{ ref('survey_outcome') }}
group by vendor, system, survey_ref
