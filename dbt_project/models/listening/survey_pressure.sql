-- grain: one row per period, unit (people, accounts), segment (and `all`) and survey (and `all`) that asked anybody in it
with monthly as (
    select
        {{ month_of('sent_on') }} as month_start, unit, unit_id, segment, vendor, system, survey_ref,
        count(*) as asks, count(case when is_breach then 1 end) as breaches,
        count(case when is_across_surveys then 1 end) as across
    from {{ ref('survey_ask') }}
    group by {{ month_of('sent_on') }}, unit, unit_id, segment, vendor, system, survey_ref
),

by_unit as (
    select
        periods.period_kind, periods.period_start, periods.is_provisional, asked.unit, asked.unit_id,
        case when grouping(asked.segment) = 1 then 'all' else asked.segment end as segment,
        case when grouping(asked.vendor) = 1 then 'all' else asked.vendor end as vendor,
        case when grouping(asked.vendor) = 1 then 'all' else asked.system end as system,
        case when grouping(asked.vendor) = 1 then 'all' else asked.survey_ref end as survey_ref,
        sum(asked.asks) as asks, sum(asked.breaches) as breaches, sum(asked.across) as across
    from monthly as asked
    inner join {{ ref('calendar') }} as periods
        on asked.month_start >= periods.period_start
        and asked.month_start < periods.next_period_start
    group by grouping sets (
        {%- for segment in ['asked.segment, ', ''] %}
        {%- for survey in ['asked.vendor, asked.system, asked.survey_ref, ', ''] %}
        ({{ segment }}{{ survey }}periods.period_kind, periods.period_start, periods.is_provisional, asked.unit, asked.unit_id)
        {{- ',' if not (loop.last and not segment) }}
        {%- endfor %}
        {%- endfor %}
    )
),

counted as (
    select
        period_kind, period_start, unit, segment, vendor, system, survey_ref, is_provisional,
        cast(sum(asks) as bigint) as asks,
        cast(count(*) as bigint) as asked_units,
        cast(max(asks) as bigint) as most_asks,
        cast(sum(breaches) as bigint) as breaches,
        cast(sum(across) as bigint) as breaches_across_surveys,
        cast(count(case when breaches > 0 then 1 end) as bigint) as pressed_units
    from by_unit
    where segment is not null
    group by period_kind, period_start, unit, segment, vendor, system, survey_ref, is_provisional
)

select
    counted.period_kind, counted.period_start, counted.unit, counted.segment, counted.vendor, counted.system, counted.survey_ref,
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
cross join {{ source('run', 'settings') }} as settings
