-- grain: one row per customer and day it was lost for a reason that somebody states: the statement that counts
-- Within reason_window_days of the loss one of an agreement that ended that day counts before others, then the nearest. A
-- statement tells of one loss: its own agreement's, else the nearest, and of two as near the later one.
with losses as (
    select customer_id, moved_on from {{ ref('movement') }}
    where movement = 'lost'
),

-- a statement is of whoever its record was on the day of the loss
near as (
    select
        losses.moved_on,
        statements.*,
        abs({{ days_between('statements.departed_on', 'losses.moved_on') }}) as days_apart
    from {{ ref('stated_reason') }} as statements
    inner join losses
        on statements.customer_id = losses.customer_id
        and losses.moved_on between statements.from_on and statements.until_on
        and (statements.valid_from is null or statements.valid_from <= losses.moved_on)
        and (statements.valid_to is null or losses.moved_on < statements.valid_to)
),

of_agreements as (
    select near.*, ended.agreement_ref is not null as is_of_agreement
    from near
    left join {{ ref('paying_span') }} as ended
        on near.vendor = ended.vendor
        and near.system = ended.system
        and near.agreement_ref = ended.agreement_ref
        and near.moved_on = ended.valid_to
),

told as (
    select *
    from of_agreements
    qualify row_number() over (
        partition by vendor, system, object, batch_id, record, departed_on
        order by is_of_agreement desc, days_apart, moved_on desc, reason
    ) = 1
),

heard as (
    select customer_id, moved_on, reason, loss_kind
    from told
    qualify row_number() over (
        partition by customer_id, moved_on order by is_of_agreement desc, days_apart, reason
    ) = 1
)

select * from heard
