-- grain: one row per profile and step of its bridge, with all the policies that hold after it
-- A step is a policy in which the profile differs from the company, in the order of `policies()`; before them stands one that
-- counts who records belong to now, as any silo does. Steps with the same policies, of any profile, are one definition. Each step is told
-- from the one before, the first from the one-company ledger (0).
{%- set policies = policies() | map('first') | list %}
with company as (
    select * from {{ ref('counting_policy') }}
),

profiles as (
    select
        profiles.profile{% for policy in policies %},
        coalesce(profiles.{{ policy }}, company.{{ policy }}) as {{ policy }}{% endfor %}
    from {{ source('reference', 'definition_profile') }} as profiles
    cross join company
    where profiles.profile <> 'one_company'
),

steps as (
    select
        profiles.profile, 1 as nth, 'merged_customers' as policy,
        cast(null as string) as one_company_says, cast(null as string) as profile_says,
        {%- for policy in policies %}
        company.{{ policy }}{{ ',' if not loop.last }}
        {%- endfor %}
    from profiles
    cross join company
    {%- for policy in policies %}
    {%- set changed = loop.index %}
    union all
    select
        profiles.profile, {{ loop.index + 1 }} as nth, '{{ policy }}' as policy,
        cast(company.{{ policy }} as string) as one_company_says, cast(profiles.{{ policy }} as string) as profile_says,
        {%- for other in policies %}
        {{ 'profiles' if loop.index <= changed else 'company' }}.{{ other }}{{ ',' if not loop.last }}
        {%- endfor %}
    from profiles
    cross join company
    where profiles.{{ policy }} is distinct from company.{{ policy }}
    {%- endfor %}
),

numbered as (
    select
        *,
        cast(row_number() over (partition by profile order by nth) as integer) as step,
        nth = max(nth) over (partition by profile) as is_last,
        cast(dense_rank() over (order by {% for policy in policies -%}
            coalesce(cast({{ policy }} as string), ''){{ ', ' if not loop.last }}{% endfor %}) as integer) as definition_number
    from steps
),

-- what a definition differs from: the one-company ledger (0), or its own kind of base, counted as the company would
anchored as (
    select
        *,
        case
            when base_object = 'agreements' then 0
            else max(case when policy = 'base_object' then definition_number end) over (partition by base_object)
        end as anchor_number
    from numbered
)

select
    *,
    coalesce(lag(definition_number) over in_order, 0) as earlier_number,
    coalesce(lag(anchor_number) over in_order, 0) as earlier_anchor_number
from anchored
window in_order as (partition by profile order by step)
