-- grain: one row per period in which feedback was given, owner (and `all`) and promise to hear back (contact, resolved, told)
{%- set never = '1000000000000' %}
{%- set count_where = 'cast(count(case when {} then 1 end) as bigint)' %}
with company as (
    select * from {{ ref('company') }}
),

cases as (
    select
        cases.*, detractors.is_asked_again, detractors.is_rescued, detractors.source_ref is not null as is_detractor,
        cases.is_known and cases.is_elapsed as is_decided,
        coalesce(cases.seconds, {{ never }}) as seconds_or_never
    from {{ ref('loop_case') }} as cases
    left join {{ ref('detractor') }} as detractors
        on cases.loop_kind = 'low_score'
        and cases.vendor = detractors.vendor
        and cases.system = detractors.system
        and cases.object = detractors.object
        and cases.source_ref = detractors.source_ref
),

counted as (
    select
        periods.period_kind, periods.period_start, periods.is_provisional, cases.clock,
        case when grouping(cases.owner) = 1 then 'all' else cases.owner end as owner,
        {{ count_where.format('cases.is_known') }} as owed_cases,
        {{ count_where.format('not cases.is_known') }} as unknown_cases,
        {{ count_where.format('cases.is_decided') }} as elapsed_cases,
        {{ count_where.format('cases.is_decided and cases.is_in_time') }} as kept_cases,
        {{ count_where.format('cases.is_decided and not cases.is_in_time') }} as late_cases,
        {{ count_where.format('cases.is_decided and cases.done_at is null') }} as overdue_cases,
        cast(percentile_disc(0.5) within group (order by case when cases.is_decided then cases.seconds_or_never end) as bigint)
            as median_seconds,
        {{ count_where.format('cases.is_detractor') }} as detractors,
        {{ count_where.format('cases.is_asked_again') }} as detractors_asked_again,
        {{ count_where.format('cases.is_rescued') }} as detractors_rescued
    from cases
    inner join {{ ref('heard_period') }} as periods
        on cases.given_on >= periods.period_start
        and cases.given_on < periods.next_period_start
    group by grouping sets (
        (periods.period_kind, periods.period_start, periods.is_provisional, cases.clock, cases.owner),
        (periods.period_kind, periods.period_start, periods.is_provisional, cases.clock)
    )
),

rated as (
    select
        counted.*, company.minimum_cell_size,
        elapsed_cases < company.minimum_cell_size as is_small_cell,
        {{ ratio('kept_cases', 'elapsed_cases') }} as kept_share,
        {{ ratio('kept_cases + late_cases', 'elapsed_cases') }} as done_share
    from counted
    cross join company
)

select
    period_kind, period_start, owner, clock, owed_cases, unknown_cases, elapsed_cases, kept_cases, late_cases, overdue_cases,
    cast(late_cases + overdue_cases as bigint) as missed_cases,
    case when not is_small_cell then kept_share end as kept_share,
    case when not is_small_cell then done_share end as done_share,
    case when not is_small_cell and clock = 'told' then case
        when done_share >= 0.9 then 'A'
        when done_share >= 0.8 then 'B'
        when done_share >= 0.7 then 'C'
        when done_share >= 0.6 then 'D'
        else 'F'
    end end as grade,
    case when median_seconds < {{ never }} then {{ ratio('median_seconds', '3600') }} end as median_hours,
    case when elapsed_cases = 0 then 'none elapsed' when median_seconds >= {{ never }} then 'half of them open' end as why_no_median,
    detractors, detractors_asked_again,
    case when detractors >= minimum_cell_size then {{ ratio('detractors_asked_again', 'detractors') }} end as asked_again_rate,
    detractors_rescued,
    case when detractors_asked_again >= minimum_cell_size then {{ ratio('detractors_rescued', 'detractors_asked_again') }} end
        as rescue_rate,
    case when unknown_cases > 0 then 'follow_ups' end as missing_source,
    1 as definition_version, is_provisional or elapsed_cases < owed_cases as is_provisional, is_small_cell
from rated
