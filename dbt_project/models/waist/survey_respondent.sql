-- grain: one row per survey (and `all` whose scales are the company's), scale, people or accounts, period and respondent, and per answer outside the scale: its score
{%- set scale = 'vendor, system, survey_ref, metric, points, ces_version' %}
{%- set cell = scale ~ ', is_aligned, unit, period_kind, period_start, is_provisional' %}
with answers as (
    select
        given.*,
        -- nobody knows whose an anonymous answer is, so each is of somebody else
        coalesce(
            given.person_id, given.vendor || ' ' || given.system || ' ' || given.object || ' ' || given.source_ref
        ) as respondent,
        {{ is_in_scale('given.score', 'given.points') }} as is_in_scale,
        coalesce(given.points = methods.points and coalesce(given.ces_version, '2.0') = '2.0', false) as is_aligned
    from {{ ref('survey_answer') }} as given
    left join {{ source('reference', 'survey_method') }} as methods on given.metric = methods.metric
),

followed as (
    select
        *,
        lead(answered_on) over (
            partition by {{ scale }}, is_in_scale, respondent order by responded_at, object, source_ref
        ) as next_of_survey_on,
        lead(answered_on) over (
            partition by metric, points, ces_version, is_in_scale, respondent
            order by responded_at, vendor, system, object, source_ref
        ) as next_of_all_on
    from answers
),

placed as (
    select
        {%- for column in ['vendor', 'system', 'survey_ref'] %}
        case when scopes.is_all then 'all' else followed.{{ column }} end as {{ column }},
        {%- endfor %}
        followed.metric, followed.points, followed.ces_version, followed.is_aligned, followed.person_id, followed.customer_id, followed.segment,
        followed.responded_at, kinds.period_kind,
        {{ period_start_of('followed.answered_on', 'kinds.months', 'company.fiscal_year_starts_in') }} as period_start,
        kinds.months, company.as_of_on, followed.is_in_scale, case when followed.is_in_scale then followed.score end as score,
        case when scopes.is_all then followed.next_of_all_on else followed.next_of_survey_on end as next_on
    from followed
    cross join (values (true), (false)) as scopes (is_all)
    cross join (values ('month', 1), ('quarter', 3), ('year', 12)) as kinds (period_kind, months)
    cross join {{ ref('company') }} as company
    where followed.is_aligned or not scopes.is_all
),

-- of a respondent's answers in a period the last one counts; each that is outside the scale is counted apart
counted as (
    select
        {{ cell | replace('unit, ', '') | replace('is_provisional', '') }}
        as_of_on < {{ add_days(add_months('period_start', 'months'), '-1') }} as is_provisional,
        {{ month_number('period_start') }} + months - 1 as closing_number, person_id, customer_id, segment, responded_at, score
    from placed
    where not is_in_scale or next_on is null or next_on >= {{ add_months('period_start', 'months') }}
),

-- an account's score is the mean of its people's
respondents as (
    select
        {{ cell | replace('unit', "'person' as unit") }}, closing_number, person_id as unit_id, segment, cast(score as bigint) as total, 1 as people
    from counted
    union all
    select
        {{ cell | replace('unit', "'account' as unit") }}, closing_number, customer_id as unit_id,
        max_by(segment, responded_at) as segment, cast(sum(score) as bigint) as total,
        count(*) as people
    from counted
    where score is not null and customer_id is not null
    group by {{ cell | replace('unit, ', '') }}, closing_number, customer_id
)

select * from respondents
