-- grain: one row per customer, way in which surveys reached it and months [from_number, until_number) in whose last twelve they did
with touches as (
    -- heard is who answers, whoever was asked
    select customer_id, {{ month_number('answered_on') }} as number, true as is_heard from {{ ref('heard_answer') }}
    where customer_id is not null
    union all
    -- where a tool tells no more than that there was an answer, whoever was asked gave it
    select sends.customer_id, {{ month_number('sends.answered_on') }} as number, true as is_heard
    from {{ ref('survey_send') }} as sends
    cross join {{ ref('company') }} as company
    where sends.answered_on <= company.as_of_on and not sends.has_answer and sends.customer_id is not null
    union all
    select customer_id, {{ month_number('day') }} as number, false as is_heard from {{ ref('survey_outcome') }}
    where outcome not in ('suppressed', 'bounced') and customer_id is not null
),

months as (
    select customer_id, number, bool_or(is_heard) as is_heard from touches
    group by customer_id, number
),

-- whoever was heard or asked is reached
ways as (
    select months.customer_id, months.number, ways.way
    from months
    cross join (values ('heard'), ('reached')) as ways (way)
    where ways.way = 'reached' or months.is_heard
)

select
    customer_id, way, number as from_number,
    least(
        number + 12, coalesce(lead(number) over (partition by customer_id, way order by number), number + 12)
    ) as until_number
from ways
