-- grain: one row per link of a silo metric to a customer metric
-- Of the lags looked at the one is told of which the months in conflict lie the furthest above what chance would give, else the shorter.
with counted as (
    select
        silo, metric, customer_metric, lag_months,
        cast(count(*) as bigint) as n,
        cast(count(case when is_good then 1 end) as bigint) as good,
        cast(count(case when is_worse then 1 end) as bigint) as worse,
        cast(count(case when is_conflict then 1 end) as bigint) as in_conflict,
        min(case when is_conflict then month_start end) as first_conflict_month,
        max(case when is_conflict then month_start end) as last_conflict_month,
        cast(sum(case when is_conflict then affected_customers end) as bigint) as affected_customers,
        cast(sum(case when is_conflict then affected_value end) as decimal(18, 4)) as affected_value,
        {%- for product in ['gain_rank * worsening_rank', 'gain_rank', 'worsening_rank', 'gain_rank * gain_rank',
                            'worsening_rank * worsening_rank'] %}
        cast(sum({{ product }}) as bigint) as sum_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('silo_metric_pair') }}
    group by silo, metric, customer_metric, lag_months
),

-- (2(n x in_conflict - good x worse) - n)^2 (n - 1) / 4 good (n - good) worse (n - worse) is the square of how many standard
-- deviations the months in conflict lie above what chance would give, less half a month; 5.41 of it happens once in a hundred
tried as (
    select
        *,
        in_conflict >= 3 and 2 * (n * in_conflict - good * worse) > n
            and 100 * (2 * (n * in_conflict - good * worse) - n) * (2 * (n * in_conflict - good * worse) - n) * (n - 1)
            >= 541 * 4 * good * (n - good) * worse * (n - worse) as is_observed,
        {{ ratio('good * worse', 'n') }} as expected,
        {{ correlation('n', 'sum_1', 'sum_2', 'sum_3', 'sum_4', 'sum_5') }} as correlation
    from counted
),

told as (
    select *
    from tried
    qualify row_number() over (
        partition by silo, metric, customer_metric
        order by in_conflict - expected desc, lag_months
    ) = 1
),

judged as (
    select
        links.silo, links.metric, metrics.journey_stage, links.customer_metric, links.effect,
        case
            when links.effect = 'hurts' and coalesce(told.is_observed, false) then 'both'
            when links.effect = 'hurts' then 'structural'
            when told.is_observed then 'observed'
            else 'none'
        end as conflict,
        coalesce(told.is_observed, false) as is_observed,
        told.lag_months,
        coalesce(told.n, 0) as paired_months,
        told.good, told.worse, told.in_conflict, told.expected, told.first_conflict_month, told.last_conflict_month,
        told.affected_customers, told.affected_value, told.correlation,
        cast(metrics.incentive_weight as decimal(8, 6)) as incentive_weight,
        links.decision, links.decided_by, links.decided_on
    from {{ source('reference', 'customer_metric_link') }} as links
    inner join {{ source('reference', 'silo_metric') }} as metrics
        on links.silo = metrics.silo
        and links.metric = metrics.metric
    left join told
        on links.silo = told.silo
        and links.metric = told.metric
        and links.customer_metric = told.customer_metric
)

select
    silo, metric, journey_stage, customer_metric, effect, conflict, lag_months, paired_months,
    good as silo_good_months, worse as customer_worse_months, in_conflict as months_in_conflict,
    expected as expected_months_in_conflict, first_conflict_month, last_conflict_month,
    case when is_observed then affected_customers end as affected_customers,
    company.reporting_currency as currency,
    case when is_observed then affected_value end as affected_value,
    incentive_weight,
    case when is_observed then cast(
        cast(affected_value as decimal(24, 4)) * incentive_weight as decimal(18, 4)
    ) end as severity,
    case
        when not is_observed then 'no observed conflict'
        when affected_value is null then 'nobody can be named'
        when incentive_weight is null then 'no incentive weight'
    end as why_no_severity,
    case when paired_months >= 6 then correlation end as correlation,
    case
        when paired_months < 6 then 'fewer than 6 paired months'
        when correlation is null then 'one of the two changed alike in all months'
    end as why_no_correlation,
    decision, decided_by, decided_on,
    case when paired_months = 0 then 'months in which both are known' end as missing_source,
    1 as definition_version,
    false as is_provisional
from judged
cross join {{ ref('company') }} as company
