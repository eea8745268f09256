-- grain: one row per choice of kinds of recurring lines that the company or a definition counts
with policies as (
    select trials, paused, metered from {{ ref('counting_policy') }}
    union
    select trials, paused, metered from {{ ref('definition') }}
),

kinds as (
    select distinct
        {{ counted_kinds('policies') }} as counted_kinds,
        trials = 'counted' as takes_trials,
        paused = 'counted' as takes_paused,
        metered = 'counted' as takes_metered
    from policies
)

select * from kinds
