-- grain: one row per period, unit (people, accounts), segment (and `all`) and survey (and `all`) that asked anybody in it
-- Units and surveys have numbers while they are counted in twelve ways: hash tables of names would not stay in memory.
with units as (
    select unit, unit_id, row_number() over (order by unit, unit_id) as unit_number
    from (select distinct unit, unit_id from {{ ref('survey_ask') }}) as asked
),

surveys as (
    select vendor, system, survey_ref, survey_key, row_number() over (order by survey_key) as survey_number
    from (select distinct vendor, system, survey_ref, survey_key from {{ ref('survey_ask') }}) as asking
),

monthly as (
    select
        {{ month_of('asks.sent_on') }} as month_start, asks.unit, units.unit_number, asks.segment, surveys.survey_number,
        count(*) as asks, count(case when asks.is_breach then 1 end) as breaches,
        count(case when asks.is_across_surveys then 1 end) as across
    from {{ ref('survey_ask') }} as asks
    inner join units
        on asks.unit = units.unit
        and asks.unit_id = units.unit_id
    inner join surveys
        on asks.survey_key = surveys.survey_key
    group by {{ month_of('asks.sent_on') }}, asks.unit, units.unit_number, asks.segment, surveys.survey_number
),

by_unit as (
    select
        periods.period_kind, periods.period_start, periods.is_provisional, asked.unit, asked.unit_number, asked.survey_number,
        case when grouping(asked.segment) = 1 then 'all' else asked.segment end as segment,
        sum(asked.asks) as asks, sum(asked.breaches) as breaches, sum(asked.across) as across
    from monthly as asked
    inner join {{ ref('heard_period') }} as periods
        on asked.month_start >= periods.period_start
        and asked.month_start < periods.next_period_start
    group by grouping sets (
        {%- for segment in ['asked.segment, ', ''] %}
        {%- for survey in ['asked.survey_number, ', ''] %}
        ({{ segment }}{{ survey }}periods.period_kind, periods.period_start, periods.is_provisional, asked.unit, asked.unit_number)
        {{- ',' if not (loop.last and not segment) }}
        {%- endfor %}
        {%- endfor %}
    )
),

counted as (
    select
        period_kind, period_start, unit, segment, survey_number, is_provisional,
        cast(sum(asks) as bigint) as asks,
        cast(count(*) as bigint) as asked_units,
        cast(max(asks) as bigint) as most_asks,
        cast(sum(breaches) as bigint) as breaches,
        cast(sum(across) as bigint) as breaches_across_surveys,
        cast(count(case when breaches > 0 then 1 end) as bigint) as pressed_units
    from by_unit
    where segment is not null
    group by period_kind, period_start, unit, segment, survey_number, is_provisional
)

select
    counted.period_kind, counted.period_start, counted.unit, counted.segment,
    case when counted.survey_number is null then 'all' else surveys.vendor end as vendor,
    case when counted.survey_number is null then 'all' else surveys.system end as system,
    case when counted.survey_number is null then 'all' else surveys.survey_ref end as survey_ref,
    cast(settings.relationship_gap_days as int) as relationship_gap_days,
    cast(settings.transactional_gap_days as int) as transactional_gap_days, asks, asked_units, most_asks,
    {{ ratio('asks', 'asked_units') }} as asks_per_unit,
    breaches, breaches_across_surveys,
    {{ ratio('breaches', 'asks') }} as breach_rate,
    pressed_units,
    {{ ratio('pressed_units', 'asked_units') }} as pressed_share,
    1 as definition_version,
    is_provisional
from counted
left join surveys
    on counted.survey_number = surveys.survey_number
cross join {{ source('run', 'settings') }} as settings
