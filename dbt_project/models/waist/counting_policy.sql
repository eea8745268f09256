-- grain: one row, how the company counts: each policy of its own definition, its default where the company says nothing
with stated as (
    select * from {{ source('reference', 'definition_profile') }}
    where profile = 'one_company'
),

policy as (
    select
        {%- for policy, default in policies() %}
        {%- if policy == 'time_zone' %}
        (select time_zone from {{ source('run', 'settings') }}) as time_zone
        {%- elif default is none %}
        cast(max({{ policy }}) as integer) as {{ policy }}
        {%- else %}
        coalesce(max({{ policy }}), '{{ default }}') as {{ policy }}
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from stated
)

select * from policy
