-- grain: one row per profile, metric, kind of period, period and step from the one-company figure to the profile's
-- Each step changes one policy and keeps those of the steps before, so that the differences sum to the whole of it.
{%- set metrics = profile_metrics() %}
with one_company as (
    {{ one_company_totals() }}
),

steps as (
    {{ known_steps() }}
),

after_steps as (
    select
        steps.profile, steps.step, steps.policy, steps.one_company_says, steps.profile_says, steps.base_object,
        totals.period_kind, totals.period_start, totals.is_provisional
        {%- for metric in metrics %},
        totals.{{ metric }},
        coalesce(
            lag(totals.{{ metric }}) over (
                partition by steps.profile, totals.period_kind, totals.period_start order by steps.step
            ), one_company.{{ metric }}
        ) as {{ metric }}_before
        {%- endfor %}
    from steps
    inner join {{ ref('definition_total') }} as totals using (definition_number)
    inner join one_company using (period_kind, period_start)
),

told as (
    {%- for metric in metrics %}
    select
        profile, '{{ metric }}' as metric, period_kind, period_start, step, policy, one_company_says, profile_says,
        cast({{ metric }}_before as decimal(22, 6)) as figure_before,
        cast({{ metric }} - {{ metric }}_before as decimal(22, 6)) as difference,
        cast({{ metric }} as decimal(22, 6)) as figure_after,
        is_provisional
    from after_steps
    {%- if metric == 'closing_value' %}
    where base_object <> 'contacts'
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    profile, metric, period_kind, period_start, step, policy, one_company_says, profile_says, figure_before, difference,
    figure_after, 1 as definition_version, is_provisional
from told
