-- grain: one row per survey that is declared, or that an export shows; where no survey tool exported anything, also one that says so
with seen as (
    select
        activity.*,
        facts.last_change, facts.last_change_on,
        {{ days_between('activity.last_seen_on', 'company.as_of_on') }} as days_since_seen,
        company.as_of_on
    from {{ ref('survey_activity') }} as activity
    cross join {{ ref('company') }} as company
    left join {{ source('reference', 'survey_inventory') }} as facts
        on activity.vendor = facts.vendor
        and activity.system = coalesce(facts.system, facts.vendor)
        and activity.survey_ref = facts.survey
)

select
    vendor, system, survey_ref, is_declared,
    case
        when last_seen_on is null then 'silent'
        when days_since_seen > coalesce(cadence_days, 365) then 'stale'
        else 'running'
    end as state,
    kind, journey_stage, owner, metrics, scales, is_aligned, languages, wording,
    cast(wording_changes as bigint) as wording_changes, wording_changed_on, cast(cadence_days as int) as cadence_days,
    first_sent_on, last_sent_on, cast(sending_days as bigint) as sending_days, cast(sends as bigint) as sends,
    cast(people_asked as bigint) as people_asked, cast(customers_asked as bigint) as customers_asked, days_between_asks,
    first_answered_on, last_answered_on, cast(answers as bigint) as answers, cast(respondents as bigint) as respondents,
    last_change, last_change_on,
    case when last_change_on <= as_of_on then {{ days_between('last_change_on', 'as_of_on') }} end as days_since_change,
    case when last_seen_on is not null and sends is null then 'what was sent' end as missing_source,
    1 as definition_version
from seen
union all
select
    {%- for column, type in [
        ('vendor', 'string'), ('system', 'string'), ('survey_ref', 'string'), ('is_declared', 'boolean'), ('state', 'string'),
        ('kind', 'string'), ('journey_stage', 'string'), ('owner', 'string'), ('metrics', 'string'), ('scales', 'string'),
        ('is_aligned', 'boolean'), ('languages', 'string'), ('wording', 'string'), ('wording_changes', 'bigint'),
        ('wording_changed_on', 'date'), ('cadence_days', 'int'), ('first_sent_on', 'date'), ('last_sent_on', 'date'), ('sending_days', 'bigint'),
        ('sends', 'bigint'), ('people_asked', 'bigint'), ('customers_asked', 'bigint'), ('days_between_asks', 'decimal(18, 1)'),
        ('first_answered_on', 'date'), ('last_answered_on', 'date'), ('answers', 'bigint'), ('respondents', 'bigint'),
        ('last_change', 'string'), ('last_change_on', 'date'), ('days_since_change', 'int')] %}
    cast(null as {{ type }}) as {{ column }},
    {%- endfor %}
    'any survey' as missing_source, 1 as definition_version
where not exists (select 1 from {{ ref('survey') }} as surveys where surveys.is_shown)
