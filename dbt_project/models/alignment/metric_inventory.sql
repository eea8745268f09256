-- grain: one row per silo metric, per customer metric that silo metrics may be linked to, and per silo (and `all`) in total
with links as (
    select * from {{ source('reference', 'customer_metric_link') }}
),

linked as (
    select
        silo, metric, count(*) as links,
        concat_ws(', '
            {%- for name, _, _ in customer_metrics() | sort %},
            max(case when customer_metric = '{{ name }}' then customer_metric end)
            {%- endfor %}
        ) as customer_metrics
    from links
    group by silo, metric
),

served as (
    select customer_metric, count(*) as links, count(case when effect = 'helps' then 1 end) as helping_metrics
    from links
    group by customer_metric
),

latest as (
    select * from {{ ref('silo_metric_month') }}
    qualify row_number() over (partition by silo, metric order by month_start desc) = 1
),

-- one name, whichever way it is capitalised, that another silo defines in other words
silos as (
    select
        metrics.silo, metrics.metric, metrics.definition, metrics.owner, metrics.direction,
        cast(metrics.target as decimal(18, 6)) as target, metrics.unit, metrics.incentive,
        cast(metrics.incentive_weight as decimal(18, 6)) as incentive_weight, metrics.journey_stage,
        linked.customer_metrics, coalesce(linked.links, 0) as links,
        latest.month_start as latest_month, latest.value as latest_value, latest.is_target_met,
        count(distinct others.silo) as differing_silos, min(others.silo) as defined_otherwise_by
    from {{ source('reference', 'silo_metric') }} as metrics
    left join linked on metrics.silo = linked.silo and metrics.metric = linked.metric
    left join latest on metrics.silo = latest.silo and metrics.metric = latest.metric
    left join {{ source('reference', 'silo_metric') }} as others
        on {{ lower_case('metrics.metric') }} = {{ lower_case('others.metric') }}
        and metrics.definition <> others.definition
    group by all
),

customer_metrics as (
    select listed.metric, listed.worse, definitions.sentence, definitions.owner, definitions.unit
    from (values
        {%- for name, table, worse in customer_metrics() %}
        ('{{ name }}', '{{ table }}', '{{ worse }}'){{ ',' if not loop.last }}
        {%- endfor %}) as listed (metric, published_in, worse)
    left join {{ ref('metric_definition') }} as definitions
        on listed.metric = definitions.metric
        and listed.published_in = definitions.published_in
    qualify row_number() over (partition by listed.metric order by definitions.version desc) = 1
),

told as (
    select
        'silo_metric' as kind, silo, metric, definition, owner, direction, target, unit, incentive, incentive_weight,
        journey_stage, customer_metrics, cast(links as bigint) as links, links = 0 as is_orphan, owner is null as is_unowned,
        cast(differing_silos as bigint) as differing_silos, defined_otherwise_by, latest_month, latest_value, is_target_met,
        cast(null as bigint) as silo_metrics, cast(null as bigint) as orphan_metrics
    from silos
    union all
    select
        'customer_metric', 'one_company', metrics.metric, metrics.sentence, metrics.owner,
        case metrics.worse when 'up' then 'down' else 'up' end, null, metrics.unit, null, null, null, null,
        coalesce(served.links, 0), served.links is null,
        metrics.owner is null or coalesce(served.helping_metrics, 0) = 0, null, null, null, null, null, null, null
    from customer_metrics as metrics
    left join served on metrics.metric = served.customer_metric
    union all
    select
        'total', case when grouping(silo) = 1 then 'all' else silo end, null, null, null, null, null, null, null, null,
        null, null, cast(sum(links) as bigint), null, null, null, null, null, null, null, count(*),
        count(case when links = 0 then 1 end)
    from silos
    group by grouping sets ((silo), ())
    having count(*) > 0
)

select
    told.*,
    {{ ratio('orphan_metrics', 'silo_metrics') }} as orphan_metric_share,
    1 as definition_version,
    false as is_provisional
from told
