-- grain: one row per answer; `refused_field` names the score where it cannot be one (null: nothing)
with answers as (
    select * from {{ accepted_records('plain', 'survey_responses') }}
),

checked as (
    select
        *,
        case when metric = 'nps' and score not between 0 and 10 then 'score' end as refused_field
    from answers
)

select * from checked
