-- grain: one row per customers known to be one and months [from_number, until_number) at whose ends they are worth the same
{%- set bases = ['mrr', 'annualised', 'trailing_12m'] %}
with changes as (
    select
        known.tied_to as unit_id, states.closing_number,
        cast(states.is_active as integer) - cast(states.was_active as integer) as active,
        {%- for basis in bases %}
        states.{{ basis }} - states.earlier_{{ basis }} as {{ basis }},
        {%- endfor %}
        states.closing_number = 0 and states.is_active as is_old
    from {{ ref('state_at_month_end') }} as states
    inner join {{ ref('known_as') }} as known using (customer_id)
    union all
    select
        known.tied_to as unit_id, case when ends.is_end then added.until_number else added.from_number end as closing_number,
        0 as active,
        case when ends.is_end then -added.mrr else added.mrr end as mrr,
        case when ends.is_end then -added.annualised else added.annualised end as annualised,
        0 as trailing_12m,
        false as is_old
    from {{ ref('cohort_by_rates') }} as added
    inner join {{ ref('known_as') }} as known using (customer_id)
    cross join (values (false), (true)) as ends (is_end)
),

running as (
    select
        unit_id,
        closing_number as from_number,
        lead(closing_number) over so_far as until_number,
        sum(active) over so_far > 0 as is_active,
        bool_or(is_old) over so_far as is_old,
        {%- for basis in bases %}
        cast(sum({{ basis }}) over so_far as decimal(18, 4)) as {{ basis }}{{ ',' if not loop.last }}
        {%- endfor %}
    from changes
    -- those of one month together
    window so_far as (partition by unit_id order by closing_number)
    qualify lead(closing_number) over so_far is distinct from closing_number
)

select * from running
