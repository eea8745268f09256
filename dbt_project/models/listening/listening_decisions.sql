-- grain: one row per survey that is declared, or that an export shows
with year as (
    select *, {{ add_months('as_of_on', '-12') }} as after_day from {{ ref('company') }}
),

sends as (
    select
        vendor, system, survey_ref, count(case when not is_in_field then 1 end) as sends,
        count(case when not is_in_field and answered_on <= as_of_on then 1 end) as answered
    from (
        select sends.*, year.as_of_on, {{ is_in_field('sends.sent_on', 'year.as_of_on') }} as is_in_field
        from {{ ref('survey_send') }} as sends
        cross join year
        where sends.status = 'sent' and sends.sent_on > year.after_day
    ) as sent
    group by vendor, system, survey_ref
),

asks as (
    select asks.vendor, asks.system, asks.survey_ref, count(*) as asks, count(case when asks.is_breach then 1 end) as breaches
    from {{ ref('survey_ask') }} as asks
    cross join year
    where asks.unit = 'person' and asks.sent_on > year.after_day
    group by asks.vendor, asks.system, asks.survey_ref
),

-- the other survey that meets most of its people
nearest as (
    select * from {{ ref('survey_overlap') }}
    qualify row_number() over (
        partition by vendor, system, survey_ref
        order by shared_people desc, other_vendor, other_system, other_survey_ref
    ) = 1
),

parts as (
    select
        inventory.vendor, inventory.system, inventory.survey_ref, inventory.owner, inventory.state,
        themes.themes, themes.is_unchanged as is_stale_insight,
        coalesce(inventory.days_since_change, 366) > 365 as is_without_action,
        inventory.journey_stage, sends.sends, case when tools.tells_whose_answer then sends.answered end as answered,
        case when sends.sends >= year.minimum_cell_size then sends.sends end as enough_sends,
        nearest.people, nearest.shared_people,
        nearest.other_vendor || '/' || nearest.other_system || '/' || nearest.other_survey_ref as overlapping_survey,
        -- what asks at a known stage and has no other beside it is not redundant, whoever it met
        case when inventory.journey_stage is not null and coalesce(nearest.people >= year.minimum_cell_size, true)
            then coalesce({{ ratio('nearest.shared_people', 'nearest.people') }} >= 0.5, false) end as is_redundant,
        asks.asks, asks.breaches,
        case when asks.asks >= year.minimum_cell_size then {{ ratio('asks.breaches', 'asks.asks') }} >= 0.2 end as is_pressing
    from {{ ref('listening_inventory') }} as inventory
    cross join year
    left join sends using (vendor, system, survey_ref)
    left join {{ ref('survey_tool') }} as tools using (vendor, system, survey_ref)
    left join asks using (vendor, system, survey_ref)
    left join nearest using (vendor, system, survey_ref)
    left join {{ ref('survey_theme') }} as themes using (vendor, system, survey_ref)
    where inventory.survey_ref is not null
),

told as (
    select *, {{ ratio('answered', 'enough_sends') }} < 0.1 as is_low_response from parts
),

scored as (
    select
        *,
        {%- for part in ['is_stale_insight', 'is_without_action', 'is_low_response', 'is_redundant', 'is_pressing'] %}
        {{ '+ ' if not loop.first }}case when {{ part }} then 1 else 0 end
        {%- endfor %} as stop_asking_score
    from told
)

select
    scored.vendor, scored.system, scored.survey_ref, scored.owner, scored.state,
    case
        when scored.state <> 'running' then 'stop'
        when is_redundant then 'merge'
        when stop_asking_score >= 3 then 'stop'
        when stop_asking_score = 2 then 'pause'
        else 'keep'
    end as recommendation,
    cast(stop_asking_score as bigint) as stop_asking_score, is_stale_insight, themes, is_without_action,
    is_low_response, cast(answered as bigint) as answered_12_months, cast(sends as bigint) as sends_12_months,
    {{ ratio('answered', 'enough_sends') }} as response_rate_12_months,
    is_redundant, overlapping_survey, cast(shared_people as bigint) as shared_people, cast(people as bigint) as people_12_months,
    is_pressing, cast(breaches as bigint) as breaches_12_months, cast(asks as bigint) as asks_12_months,
    decisions.decision, decisions.decided_by, decisions.decided_on, decisions.outcome,
    nullif(concat_ws(', ',
        case when is_stale_insight is null then 'themes of three quarters' end,
        case when sends is null then 'what was sent' when answered is null then 'which invitation an answer is to'
            when is_low_response is null then 'enough sends 30 days old' end,
        case when journey_stage is null then 'its stage' when is_redundant is null then 'enough people' end,
        case when is_pressing is null then 'who was asked' end
    ), '') as missing_source,
    1 as definition_version
from scored
left join {{ source('reference', 'survey_decision') }} as decisions
    on scored.vendor = decisions.vendor
    and scored.system = coalesce(decisions.system, decisions.vendor)
    and scored.survey_ref = decisions.survey
