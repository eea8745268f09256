-- grain: one row per link of a silo metric to a customer metric, lag looked at (none, and the link's own) and month of the silo
-- metric in which both are known to have moved
with links as (
    select silo, metric, customer_metric, 0 as lag_months from {{ source('reference', 'customer_metric_link') }}
    union all
    select silo, metric, customer_metric, cast(lag_months as int) as lag_months
    from {{ source('reference', 'customer_metric_link') }}
    where lag_months > 0
),

pairs as (
    select
        links.silo, links.metric, links.customer_metric, links.lag_months,
        silos.month_start,
        customers.month_start as customer_month_start,
        silos.gain,
        customers.worsening,
        silos.gain > 0 or coalesce(silos.is_target_met, false) as is_good,
        customers.worsening > 0 as is_worse,
        customers.affected_customers,
        customers.affected_value
    from links
    inner join {{ ref('silo_metric_month') }} as silos
        on links.silo = silos.silo
        and links.metric = silos.metric
    inner join {{ ref('customer_metric_month') }} as customers
        on links.customer_metric = customers.customer_metric
        and customers.month_start = {{ add_months('silos.month_start', 'links.lag_months') }}
    where silos.gain is not null and customers.worsening is not null
)

-- twice the rank, the mean one of those that are equal, so that it is a whole number
select
    pairs.*,
    is_good and is_worse as is_conflict,
    {%- for moved in ['gain', 'worsening'] %}
    2 * rank() over (partition by silo, metric, customer_metric, lag_months order by {{ moved }})
    + count(*) over (partition by silo, metric, customer_metric, lag_months, {{ moved }}) - 1 as {{ moved }}_rank
    {{- ',' if not loop.last }}
    {%- endfor %}
from pairs
