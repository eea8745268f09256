-- grain: one row per month, quarter and fiscal year
with periods as (
    select * from {{ ref('calendar') }}
)

select
    period_kind,
    period_start,
    {{ add_days('next_period_start', '-1') }} as period_end,
    is_provisional
from periods
