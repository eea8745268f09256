-- grain: one row per customer that a record came to or went from and the days between two such, [valid_from, valid_to)
with turns as (
    select customer_id, valid_from as day from {{ ref('moved_record') }}
    union
    select customer_id, valid_to as day from {{ ref('moved_record') }}
    where valid_to is not null
    union
    select customer_id, cast(null as date) as day from {{ ref('moved_record') }}
),

stretches as (
    select
        customer_id,
        day as valid_from,
        lead(day) over (partition by customer_id order by day nulls first) as valid_to
    from turns
)

select * from stretches
