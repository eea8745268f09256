-- grain: one row per customer, way in which surveys reached it and months [from_number, until_number) in whose last twelve they did
with touches as (
    -- a response without a score is an answer too
    select customer_id, {{ month_number('answered_on') }} as number, 'heard' as way from {{ ref('survey_outcome') }}
    where answered_on is not null
    union
    select customer_id, {{ month_number('day') }} as number, 'asked' as way from {{ ref('survey_outcome') }}
    where outcome not in ('suppressed', 'bounced', 'unexplained')
),

-- whoever was heard or asked is reached
ways as (
    select customer_id, number, way from touches where way = 'heard'
    union
    select customer_id, number, 'reached' as way from touches
)

select
    customer_id, way, number as from_number,
    least(
        number + 12, coalesce(lead(number) over (partition by customer_id, way order by number), number + 12)
    ) as until_number
from ways
where customer_id is not null
