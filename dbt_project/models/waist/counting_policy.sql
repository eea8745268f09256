-- grain: one row, how the company counts: each policy of its own definition, its default where the company says nothing
with stated as (
    select * from {{ source('reference', 'definition_profile') }}
    where profile = 'one_company'
),

policy as (
    select
        coalesce(max(trials), 'not_counted') as trials,
        coalesce(max(free_plans), 'not_counted') as free_plans,
        coalesce(max(paused), 'lost') as paused,
        cast(max(past_due_days) as integer) as past_due_days,
        coalesce(max(cancel_date), 'service_end') as cancel_date,
        coalesce(max(recurring_discounts), 'deducted') as recurring_discounts,
        coalesce(max(one_off_discounts), 'ignored') as one_off_discounts,
        coalesce(max(invoice_discounts), 'deducted') as invoice_discounts,
        coalesce(max(metered), 'billed_only') as metered,
        coalesce(max(credit_notes), 'deducted') as credit_notes,
        coalesce(max(refunds), 'ignored') as refunds
    from stated
)

select * from policy
