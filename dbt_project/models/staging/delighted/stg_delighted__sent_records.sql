-- grain: one row per person that a list of people ever named
with people as (
    {{ sent_records('delighted', 'people', 'id') }}
)

select * from people
