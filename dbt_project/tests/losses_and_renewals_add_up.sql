-- A failing row is a period whose losses by kind are not all its losses, or in which more was renewed or kept than fell due,
-- or whose terms do not sum to all of them.
-- Guards that nobody is lost of no kind, and that no renewal counts twice.
select 'kinds' as law, period_kind, period_start, segment
from {{ ref('loss_summary') }}
where voluntary_lost_customers + involuntary_lost_customers + uncontrollable_lost_customers + unknown_lost_customers
    <> lost_customers
    or voluntary_lost_value + involuntary_lost_value + uncontrollable_lost_value + unknown_lost_value <> lost_value
    or lost_customers - known_reason_customers > unknown_lost_customers
union all
select 'renewed' as law, period_kind, period_start, segment
from {{ ref('renewals') }}
where renewed_contracts > due_contracts
    or explained_contracts > unrenewed_contracts
    or kept_value > due_value
    or kept_value > renewed_value
union all
select 'terms' as law, period_kind, period_start, segment
from {{ ref('renewals') }}
group by period_kind, period_start, segment, value_basis
having sum(case when term = 'all' then due_contracts else -due_contracts end) <> 0
    or sum(case when term = 'all' then due_value else -due_value end) <> 0
    or sum(case when term = 'all' then kept_value else -kept_value end) <> 0
