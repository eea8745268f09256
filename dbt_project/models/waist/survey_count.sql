-- grain: one row per survey (and `all` whose scales are the company's), scale, people or accounts, period and segment (and `all`): how many scored what
{%- set cell = 'vendor, system, survey_ref, metric, points, ces_version, is_aligned, unit, period_kind, period_start, is_provisional' %}
with known as (
    select
        respondents.*, asked.unit_id is not null as is_asked, coalesce(asked.segment = respondents.segment, false) as is_asked_within
    from {{ ref('survey_respondent') }} as respondents
    left join {{ ref('survey_asked') }} as asked
        on respondents.vendor = asked.vendor
        and respondents.system = asked.system
        and respondents.survey_ref = asked.survey_ref
        and respondents.unit = asked.unit
        and respondents.unit_id = asked.unit_id
        and respondents.closing_number >= asked.from_number
        and respondents.closing_number < asked.until_number
),

summed as (
    select
        {{ cell }}, segment as held_segment, grouping(segment) as is_whole,
        cast(count(total) as bigint) as respondents,
        cast(count(case when segment is null then total end) as bigint) as unidentified_respondents,
        cast(count(case when is_asked then total end) as bigint) as asked_respondents,
        cast(count(case when is_asked_within then total end) as bigint) as asked_within_segment,
        cast(count(case when total is null then 1 end) as bigint) as out_of_scale_answers,
        cast(count(case when total >= {{ top_from('metric', 'points') }} * people then 1 end) as bigint) as top_respondents,
        cast(count(case when total < 7 * people then 1 end) as bigint) as below_seven_respondents,
        -- the mean of each, in millionths, so that the sum is exact
        cast(sum({{ whole_division('2000000 * total + people', '2 * people') }}) as decimal(38, 0)) as millionths
    from known
    group by grouping sets (({{ cell }}, segment), ({{ cell }}))
)

select
    {{ cell }}, case when is_whole = 1 then 'all' else held_segment end as segment, respondents, unidentified_respondents,
    case when is_whole = 1 then asked_respondents else asked_within_segment end as asked_respondents,
    out_of_scale_answers, top_respondents, below_seven_respondents, millionths
from summed
where is_whole = 1 or held_segment is not null
