-- grain: one row per customer, day and movement by which records that changed their customer moved its customers or value
-- Who stops and who starts by one day's hand-overs are paired first, in the order of their ids, and are transferred; who
-- stops without such a partner is merged, who starts without one is split off. Who stays only hands over or takes over.
with states as (
    select
        ledger.*,
        tied.tied_to,
        ledger.was_active and not ledger.is_active as stops,
        ledger.is_active and not ledger.was_active as starts
    from {{ ref('ledger') }} as ledger
    inner join {{ ref('hand_over_tie') }} as tied
        on ledger.customer_id = tied.customer_id
        and ledger.day = tied.moved_on
    where ledger.step = 1
),

paired as (
    select
        *,
        row_number() over (partition by day, tied_to, stops, starts order by customer_id) as nth,
        count(case when stops then 1 end) over (partition by day, tied_to) as stopping,
        count(case when starts then 1 end) over (partition by day, tied_to) as starting
    from states
),

told as (
    select
        customer_id, day as moved_on, step,
        case when nth <= starting then 'transferred_out' else 'merged' end as movement, segment,
        {{ on_each_basis('$_before') }}
    from paired where stops
    union all
    select
        customer_id, day as moved_on, step,
        case when nth <= stopping then 'transferred_in' else 'split' end as movement, segment,
        {{ on_each_basis('$_after') }}
    from paired where starts
    union all
    select
        customer_id, day as moved_on, step, 'taken_over' as movement, segment,
        {{ on_each_basis('greatest($_after - $_before, 0)') }}
    from paired where was_active and is_active
        and (mrr_after > mrr_before or annualised_after > annualised_before or trailing_12m_after > trailing_12m_before)
    union all
    select
        customer_id, day as moved_on, step, 'handed_over' as movement, segment,
        {{ on_each_basis('greatest($_before - $_after, 0)') }}
    from paired where was_active and is_active
        and (mrr_after < mrr_before or annualised_after < annualised_before or trailing_12m_after < trailing_12m_before)
)

select * from told
