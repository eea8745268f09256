-- grain: one row per survey (and `all` together), scale, people or accounts, period and segment (and `all`)
with counts as (
    select
        counts.*, surveys.kind,
        {{ month_number('counts.period_start') }} + case counts.period_kind when 'month' then 0 when 'quarter' then 2 else 11 end
            as closing_number,
        counts.respondents < company.minimum_cell_size as is_small_cell
    from {{ ref('survey_count') }} as counts
    cross join {{ ref('company') }} as company
    left join {{ ref('survey') }} as surveys using (vendor, system, survey_ref)
),

placed as (
    select
        counts.*,
        -- respondents are a part of those asked only where each of them was; of an anonymous one nobody knows
        case when counts.unidentified_respondents = 0 and counts.asked_respondents = counts.respondents
            then nullif(populations.population, 0) end as population,
        case when not counts.is_small_cell then counts.respondents end as n,
        case when counts.metric = 'nps' then counts.top_respondents end as promoters,
        case when counts.metric = 'nps' then counts.below_seven_respondents end as detractors,
        -- more effort is worse, so nothing of CES 1.0 says yes
        case when counts.metric = 'csat' or counts.ces_version = '2.0' then counts.top_respondents end as top_box
    from counts
    left join {{ ref('survey_population') }} as populations
        on counts.vendor = populations.vendor
        and counts.system = populations.system
        and counts.survey_ref = populations.survey_ref
        and counts.unit = populations.unit
        and counts.segment = populations.segment
        and counts.closing_number >= populations.from_number
        and (populations.until_number is null or counts.closing_number < populations.until_number)
)

select
    vendor, system, survey_ref, kind, metric, points, ces_version, is_aligned, unit, period_kind, period_start, segment,
    respondents, unidentified_respondents, out_of_scale_answers, population,
    promoters,
    cast(respondents - promoters - detractors as bigint) as passives,
    detractors,
    {{ ratio('100 * (promoters - detractors)', 'n') }} as nps,
    case when n > 0 then {{ nps_margin('promoters', 'detractors', 'n', 'population') }} end as nps_margin,
    top_box as top_box_respondents,
    {{ ratio('top_box', 'n') }} as top_box_share,
    {{ share_bound('top_box', 'n', 'population', '-') }} as top_box_share_low,
    {{ share_bound('top_box', 'n', 'population', '+') }} as top_box_share_high,
    cast(round({{ whole_ratio('millionths', 'cast(1000000 * n as decimal(38, 0))') }}, 6) as decimal(18, 6)) as mean_score,
    is_small_cell,
    respondents > 0 and case
        when metric = 'nps' then respondents in (promoters, detractors, respondents - promoters - detractors)
        else top_box in (0, respondents)
    end as is_unanimous,
    coalesce(20 * respondents > population, false) as is_finite_population,
    1 as definition_version,
    is_provisional
from placed
