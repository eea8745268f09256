-- grain: one row per profile and policy
with company as (
    select * from {{ ref('counting_policy') }}
),

profiles as (
    select * from {{ source('reference', 'definition_profile') }}
    where profile <> 'one_company'
),

told as (
    {%- for policy, default in policies() %}
    select
        'one_company' as profile, cast(null as string) as silo, {{ loop.index }} as policy_number, '{{ policy }}' as policy,
        cast(company.{{ policy }} as string) as profile_says, cast(company.{{ policy }} as string) as one_company_says,
        cast(null as string) as told_in
    from company
    union all
    select
        profiles.profile, profiles.silo, {{ loop.index }} as policy_number, '{{ policy }}' as policy,
        cast(coalesce(profiles.{{ policy }}, company.{{ policy }}) as string) as profile_says,
        cast(company.{{ policy }} as string) as one_company_says, profiles.told_in
    from profiles
    cross join company
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    profile, silo, policy, profile_says, one_company_says,
    profile_says is distinct from one_company_says as is_different,
    cast(policy_number as integer) as policy_number,
    told_in
from told
