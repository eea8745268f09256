-- grain: one row per customer that was new and is known to be one with others, and months [from_number, until_number): whether
-- it counts as active at their ends, and its share of what all of them are worth
-- What they are worth fills up what each was worth when it was new, in the order in which they were new; the first of them
-- has what is more, unless one was there when history starts.
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
with members as (
    select
        members.cohort_number, members.segment, units.*,
        row_number() over in_order as nth,
        {%- for basis in bases %}
        cast(greatest(least(
            units.{{ basis }} + members.{{ basis }}_value - sum(members.{{ basis }}_value) over in_order,
            members.{{ basis }}_value
        ), 0) as decimal(18, 4)) as {{ basis }}_filled{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('cohort_member') }} as members
    inner join {{ ref('cohort_unit') }} as units
        on members.unit_id = units.unit_id
        and members.cohort_number <= units.from_number
    where members.is_tied
    window in_order as (
        partition by units.unit_id, units.from_number order by members.new_on, members.customer_id
        rows between unbounded preceding and current row
    )
),

shared as (
    select
        cohort_number, segment, from_number, until_number, is_active,
        {%- for basis in bases %}
        cast(case
            when nth = 1 and not is_old
                then {{ basis }} - (sum({{ basis }}_filled) over (partition by unit_id, from_number) - {{ basis }}_filled)
            else {{ basis }}_filled
        end as decimal(18, 4)) as {{ basis }}{{ ',' if not loop.last }}
        {%- endfor %}
    from members
)

select * from shared
