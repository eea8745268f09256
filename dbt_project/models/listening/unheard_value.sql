-- grain: one row per period, segment (and `all`) and value band (and `all`) with customers active at its close
{%- set ways = ['active', 'heard', 'reached'] %}
with states as (
    select
        customer_id, segment_number, band_number, closing_number as from_number, next_closing_number as until_number,
        {{ yearly_value('annualised', 'trailing_12m') }} as value
    from {{ ref('state_at_month_end') }}
    where is_active
),

held as (
    select 'active' as way, segment_number, band_number, from_number, until_number, value from states
    union all
    select
        stretches.way, states.segment_number, states.band_number, greatest(states.from_number, stretches.from_number) as from_number,
        least(states.until_number, stretches.until_number) as until_number, states.value
    from states
    inner join {{ ref('reached_stretch') }} as stretches
        on states.customer_id = stretches.customer_id
        and states.from_number < stretches.until_number
        and (states.until_number is null or stretches.from_number < states.until_number)
),

changes as (
    select way, segment_number, band_number, from_number as number, 1 as customers, value from held
    union all
    select way, segment_number, band_number, until_number as number, -1 as customers, -value as value from held
),

summed as (
    select way, segment_number, band_number, number, sum(customers) as customers, sum(value) as value
    from changes
    group by way, segment_number, band_number, number
),

counted as (
    select
        periods.period_kind, periods.period_start, periods.is_provisional,
        case when grouping(summed.segment_number) = 1 then 0 else summed.segment_number end as segment_number,
        case when grouping(summed.band_number) = 1 then 0 else coalesce(summed.band_number, -1) end as band_number,
        {%- for way in ways %}
        cast(coalesce(sum(summed.customers) filter (where summed.way = '{{ way }}'), 0) as bigint) as {{ way }}_customers,
        cast(coalesce(sum(summed.value) filter (where summed.way = '{{ way }}'), 0) as decimal(18, 4)) as {{ way }}_value{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('calendar') }} as periods
    inner join summed on summed.number <= {{ month_number('periods.next_period_start') }} - 1
    group by grouping sets (
        (periods.period_kind, periods.period_start, periods.is_provisional, summed.segment_number, summed.band_number),
        (periods.period_kind, periods.period_start, periods.is_provisional, summed.segment_number),
        (periods.period_kind, periods.period_start, periods.is_provisional, summed.band_number),
        (periods.period_kind, periods.period_start, periods.is_provisional)
    )
),

known as (
    select count(*) > 0 as has_answers, coalesce(bool_or(is_invitation), false) as has_invitations
    from (
        select outcome <> 'unexplained' as is_invitation from {{ ref('survey_outcome') }}
        union all
        select false from {{ ref('heard_answer') }}
    ) as told
),

named as (
    select
        counted.*,
        case when counted.segment_number = 0 then 'all' else segments.segment end as segment,
        case counted.band_number when 0 then 'all' when -1 then 'below_bands' else bands.value_band end as value_band,
        company.reporting_currency as currency, company.minimum_cell_size, known.has_answers, known.has_invitations
    from counted
    cross join known
    cross join {{ ref('company') }} as company
    left join {{ ref('segment_seen') }} as segments using (segment_number)
    left join {{ ref('value_band') }} as bands using (band_number)
    -- a company without bands has one row for all of them
    where counted.active_customers > 0
        and (counted.band_number = 0 or (select count(*) from {{ ref('value_band') }}) > 0)
)

select
    period_kind, period_start, segment, value_band, currency, active_customers,
    {%- for what, kind in [('customers', 'bigint'), ('value', 'decimal(18, 4)')] %}
    {%- if what == 'value' %}
    active_value,
    {%- endif %}
    case when has_answers then heard_{{ what }} end as heard_{{ what }},
    case when has_answers and has_invitations then cast(reached_{{ what }} - heard_{{ what }} as {{ kind }}) end as silent_{{ what }},
    case when has_answers and has_invitations then cast(active_{{ what }} - reached_{{ what }} as {{ kind }}) end as never_asked_{{ what }},
    case when has_answers then cast(active_{{ what }} - heard_{{ what }} as {{ kind }}) end as unheard_{{ what }},
    {%- endfor %}
    case when has_answers and active_customers >= minimum_cell_size
        then {{ ratio('active_value - heard_value', 'active_value') }} end as silent_value_share,
    active_customers < minimum_cell_size as is_small_cell,
    case when not has_answers then 'surveys' when not has_invitations then 'invitations' end as missing_source,
    1 as definition_version,
    is_provisional
from named
