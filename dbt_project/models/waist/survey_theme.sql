-- grain: one row per survey whose answers were of some category in each of the last three quarters that ended
with quarters as (
    select period_start, next_period_start, row_number() over (order by period_start desc) as ago
    from {{ ref('calendar') }}
    where period_kind = 'quarter' and not is_provisional
),

counted as (
    select items.vendor, items.system, items.survey_ref, quarters.ago, items.category, count(*) as answers
    from {{ ref('feedback_item') }} as items
    inner join quarters
        on items.given_on >= quarters.period_start
        and items.given_on < quarters.next_period_start
    where items.is_aided and items.category <> 'uncategorised' and quarters.ago <= 3
    group by items.vendor, items.system, items.survey_ref, quarters.ago, items.category
),

ranked as (
    select
        *, row_number() over (partition by vendor, system, survey_ref, ago order by answers desc, category) as place
    from counted
),

waves as (
    select vendor, system, survey_ref, ago, {{ sorted_list('category') }} as themes
    from ranked
    where place <= 3
    group by vendor, system, survey_ref, ago
)

select vendor, system, survey_ref, max(case when ago = 1 then themes end) as themes, count(distinct themes) = 1 as is_unchanged
from waves
group by vendor, system, survey_ref
having count(*) = 3
