-- grain: one row per profile, metric, kind of period and period
-- Retention is told by its counts, and as a rate unless they are few.
{%- set metrics = profile_metrics() %}
with company as (
    select * from {{ ref('company') }}
),

present as (
    select distinct base_object from {{ ref('countable_line') }}
),

profiles as (
    select
        steps.profile, steps.base_object, steps.definition_number, present.base_object is null as is_missing
    from {{ ref('definition_step') }} as steps
    left join present on steps.base_object = present.base_object
    where steps.is_last
),

one_company as (
    {{ one_company_totals() }}
),

figures as (
    select
        profiles.profile, totals.period_kind, totals.period_start, totals.is_provisional, metrics.metric,
        profiles.base_object, profiles.is_missing,
        case metrics.metric {% for metric in metrics %}
            when '{{ metric }}' then cast(totals.{{ metric }} as decimal(22, 6))
        {%- endfor %}
            else {{ ratio('totals.kept_customers', 'totals.opening_customers') }}
        end as figure,
        case metrics.metric {% for metric in metrics %}
            when '{{ metric }}' then cast(one_company.{{ metric }} as decimal(22, 6))
        {%- endfor %}
            else {{ ratio('one_company.kept_customers', 'one_company.opening_customers') }}
        end as one_company_figure,
        metrics.metric = 'retention' as is_rate,
        totals.opening_customers as of_customers, one_company.opening_customers as one_company_of
    from profiles
    inner join {{ ref('definition_total') }} as totals using (definition_number)
    inner join one_company using (period_kind, period_start)
    cross join (values ('{{ metrics | join("'), ('") }}'), ('retention')) as metrics (metric)
),

told as (
    select
        figures.profile, figures.metric, figures.period_kind, figures.period_start, figures.is_provisional,
        case
            when figures.is_missing or (figures.is_rate and figures.of_customers < company.minimum_cell_size)
                or (figures.base_object = 'contacts' and figures.metric = 'closing_value') then null
            else figures.figure
        end as figure,
        case
            when figures.is_rate and figures.one_company_of < company.minimum_cell_size then null
            else figures.one_company_figure
        end as one_company_figure,
        case when figures.is_missing then figures.base_object end as missing_source,
        case
            when figures.is_missing then 'no_source'
            when figures.base_object = 'contacts' and figures.metric = 'closing_value' then 'no_price'
            when figures.is_rate and least(figures.of_customers, figures.one_company_of) < company.minimum_cell_size then 'few_customers'
        end as why_unknown
    from figures
    cross join company
)

select
    told.profile, told.metric, told.period_kind, told.period_start,
    told.figure as recomputed, told.one_company_figure as one_company,
    cast(told.figure - told.one_company_figure as decimal(22, 6)) as difference,
    cast(reported.figure as decimal(22, 6)) as reported,
    cast(reported.figure - told.figure as decimal(22, 6)) as reported_less_recomputed,
    cast(reported.figure - told.one_company_figure as decimal(22, 6)) as reported_less_one_company,
    reported.told_in as reported_in,
    told.missing_source, told.why_unknown,
    1 as definition_version, told.is_provisional
from told
left join {{ source('reference', 'silo_reported_figure') }} as reported
    on told.profile = reported.profile
    and told.metric = reported.metric
    and told.period_kind = reported.period_kind
    and told.period_start = reported.period_start
