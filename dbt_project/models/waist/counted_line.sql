-- grain: one row per recurring line and stretch of days at unchanged discounts that the company's policies count
with policy as (
    select * from {{ ref('counting_policy') }}
),

chosen as (
    select
        lines.*,
        {{ counted_to('lines', 'policy') }} as counted_to
    from {{ ref('recurring_line') }} as lines
    cross join policy
    where (policy.trials = 'counted' or not coalesce(lines.is_trial, false))
        and (policy.paused = 'counted' or not lines.is_paused)
        and (policy.metered = 'counted' or not lines.is_metered)
),

stretches as (
    select
        chosen.*,
        coalesce(discounted.starts_on, chosen.starts_on) as held_from,
        least(discounted.ends_on, chosen.counted_to) as held_to,
        coalesce(chosen.counted_to < chosen.ends_on, chosen.counted_to is not null and chosen.ends_on is null) as is_cut,
        coalesce(chosen.is_trial, false) or chosen.is_paused as is_unbilled,
        {{ discount_by('discounted', 'policy') }} as discount_amount,
        cast(case policy.invoice_discounts when 'deducted' then coalesce(discounted.every_discount, 0) else 0 end as decimal(18, 4))
            as billed_discount
    from chosen
    cross join policy
    left join {{ ref('discounted_line') }} as discounted
        on chosen.vendor = discounted.vendor
        and chosen.system = discounted.system
        and chosen.line_ref = discounted.line_ref
        and chosen.starts_on = discounted.line_starts_on
        and {{ counted_kinds('policy') }} = discounted.counted_kinds
),

counted as (
    select
        stretches.vendor, stretches.system, stretches.object, stretches.source_ref, stretches.batch_id, stretches.record,
        stretches.party_object, stretches.party_ref, stretches.line_ref, stretches.agreement_ref,
        stretches.starts_on as agreed_from,
        stretches.ends_on as agreed_to,
        stretches.counted_to,
        stretches.held_from as starts_on,
        stretches.held_to as ends_on,
        cast(stretches.amount - stretches.discount_amount as decimal(18, 4)) as amount,
        stretches.amount as list_amount,
        stretches.discount_amount,
        cast(case when stretches.is_unbilled then 0 else stretches.amount - stretches.billed_discount end as decimal(18, 4))
            as billed_amount,
        not stretches.is_unbilled as is_billed,
        stretches.currency, stretches.interval, stretches.interval_count, stretches.is_cut, stretches.is_provisional
    from stretches
    cross join policy
    where (stretches.held_to is null or stretches.held_from < stretches.held_to)
        and (
            stretches.amount <> stretches.discount_amount
            or coalesce(stretches.is_trial, false)
            or policy.free_plans = 'counted'
        )
)

select * from counted
