-- grain: one row per stage of the journey (`no stage`, and `all`) and kind of listening
with company as (
    select *, {{ add_months('as_of_on', '-12') }} as after_day from {{ ref('company') }}
),

stages as (
    select stage, position from {{ source('reference', 'journey_stage') }}
    union all
    select * from (values ('no stage', 1000000), ('all', 0)) as others (stage, position)
),

-- what was used within the twelve months up to the as-of day; an option that is used without a day is taken to be
heard as (
    select kind, coalesce(journey_stage, 'no stage') as stage, heard_by, customer_id, last_heard_on, times
    from {{ ref('listening_fact') }}
    cross join company
    where last_heard_on > company.after_day
    union all
    select kind, coalesce(journey_stage, 'no stage'), option, null, last_used_on, 0
    from {{ source('reference', 'listening_option') }}
    cross join company
    where is_used and (last_used_on is null or (last_used_on > company.after_day and last_used_on <= company.as_of_on))
),

found as (
    select
        kind, case when grouping(stage) = 1 then 'all' else stage end as stage,
        cast(count(distinct heard_by) as bigint) as sources, cast(sum(times) as bigint) as times_heard,
        cast(count(distinct customer_id) as bigint) as customers_heard, max(last_heard_on) as last_heard_on
    from heard
    group by grouping sets ((kind, stage), (kind))
),

unused as (
    select
        kind, case when grouping(journey_stage) = 1 then 'all' else coalesce(journey_stage, 'no stage') end as stage,
        count(*) as options, {{ sorted_list('option') }} as names
    from {{ source('reference', 'listening_option') }}
    where not is_used
    group by grouping sets ((kind, journey_stage), (kind))
),

-- research without a stage is about the whole journey
researched as (
    select stages.stage, max(research.completed_on) as completed_on
    from stages
    inner join {{ source('reference', 'primary_research') }} as research
        on stages.stage = 'all' or research.journey_stage is null or stages.stage = research.journey_stage
    cross join company
    where research.completed_on <= company.as_of_on
    group by stages.stage
),

latest_ratings as (
    select ratings.*
    from {{ source('reference', 'fearless_rating') }} as ratings
    cross join company
    where ratings.rated_on <= company.as_of_on
    qualify row_number() over (partition by ratings.question, ratings.rated_by order by ratings.rated_on desc) = 1
),

conforming as (
    select
        cast(count(is_aligned) as bigint) as answered_surveys, cast(count(case when is_aligned then 1 end) as bigint) as aligned_surveys
    from {{ ref('survey_activity') }}
),

rated as (
    select cast(count(*) as bigint) as ratings, cast(sum(rating) as bigint) as points from latest_ratings
)

select
    stages.stage, cast(stages.position as int) as position, kinds.kind,
    coalesce(found.sources, 0) as sources, coalesce(found.times_heard, 0) as times_heard,
    coalesce(found.customers_heard, 0) as customers_heard, found.last_heard_on,
    {{ days_between('found.last_heard_on', 'company.as_of_on') }} as days_since_heard,
    found.sources is null as is_gap,
    kinds.kind = 'aided' and stages.stage not in ('no stage', 'all') and coalesce(found.sources, 0) >= 3 as is_pile_up,
    cast(coalesce(unused.options, 0) as bigint) as unused_options, unused.names as unused_option_names,
    {{ days_between('researched.completed_on', 'company.as_of_on') }} as research_age_days,
    case when stages.stage = 'all' then rated.ratings end as fearless_ratings,
    case when stages.stage = 'all' then rated.points end as fearless_points,
    case when stages.stage = 'all' then {{ ratio('rated.points', 'rated.ratings') }} end as fearless_rating,
    case when stages.stage = 'all' then conforming.answered_surveys end as answered_surveys,
    case when stages.stage = 'all' then conforming.aligned_surveys end as aligned_surveys,
    case when stages.stage = 'all' then {{ ratio('conforming.aligned_surveys', 'conforming.answered_surveys') }} end as method_conformance,
    case
        when kinds.kind = 'aided' and not exists (select 1 from {{ ref('survey') }} as surveys where surveys.is_shown) then 'any survey'
        when kinds.kind = 'experiential' and not exists (select 1 from {{ source('reference', 'listening_option') }}) then 'listening_option.csv'
    end as missing_source,
    1 as definition_version
from stages
cross join (values ('aided'), ('unaided'), ('experiential'), ('behavioural')) as kinds (kind)
cross join company
cross join rated
cross join conforming
left join found on stages.stage = found.stage and kinds.kind = found.kind
left join unused on stages.stage = unused.stage and kinds.kind = unused.kind
left join researched on stages.stage = researched.stage
