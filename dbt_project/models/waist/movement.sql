-- grain: one row per customer, day, movement and segment; values are magnitudes, fx carries its sign
-- `opening` rows hold the customers that were there when history starts; they are no movement of any period.
-- The ledger is read where it is asked: as a step of its own, which all of these read, it is kept whole beside its table.
with company as (
    select * from {{ ref('company') }}
),

told as (
    select customer_id, moved_on, step, movement, segment, mrr_value, annualised_value, trailing_12m_value
    from {{ ref('hand_over_movement') }}
    union all
    select
        customer_id, day as moved_on, step, 'transferred_out' as movement, earlier_segment as segment,
        {{ on_each_basis('$_before') }}
    from {{ ref('ledger') }} where step = 2 and was_active
    union all
    select customer_id, day as moved_on, step, 'transferred_in' as movement, segment, {{ on_each_basis('$_before') }}
    from {{ ref('ledger') }} where step = 2 and was_active
    union all
    select customer_id, day as moved_on, step, 'fx' as movement, segment, {{ on_each_basis('$_after - $_before') }}
    from {{ ref('ledger') }} where step = 3 and was_active and (mrr_after <> mrr_before or annualised_after <> annualised_before)
    union all
    select
        customer_id, day as moved_on, step,
        case when is_first_activation then 'new' else 'won_back' end as movement, segment,
        {{ on_each_basis('$_after') }}
    from {{ ref('ledger') }} where step = 4 and is_active and not was_active
    union all
    select customer_id, day as moved_on, step, 'lost' as movement, segment, {{ on_each_basis('$_before') }}
    from {{ ref('ledger') }} where step = 4 and was_active and not is_active
    union all
    select
        customer_id, day as moved_on, step, 'expansion' as movement, segment,
        {{ on_each_basis('greatest($_after - $_before, 0)') }}
    from {{ ref('ledger') }} where step = 4 and was_active and is_active
        and (mrr_after > mrr_before or annualised_after > annualised_before or trailing_12m_after > trailing_12m_before)
    union all
    select
        customer_id, day as moved_on, step, 'contraction' as movement, segment,
        {{ on_each_basis('greatest($_before - $_after, 0)') }}
    from {{ ref('ledger') }} where step = 4 and was_active and is_active
        and (mrr_after < mrr_before or annualised_after < annualised_before or trailing_12m_after < trailing_12m_before)
),

in_history as (
    select told.*
    from told
    cross join company
    where company.history_starts_on is null or told.moved_on > company.history_starts_on
),

opening as (
    select
        ledger.customer_id, company.history_starts_on as moved_on, 0 as step, 'opening' as movement, ledger.segment,
        {{ on_each_basis('ledger.$_after') }}, ledger.is_active
    from {{ ref('ledger') }} as ledger
    cross join company
    where ledger.day <= company.history_starts_on
    qualify row_number() over (partition by ledger.customer_id order by ledger.day desc, ledger.step desc) = 1
),

movements as (
    select customer_id, moved_on, step, movement, segment, mrr_value, annualised_value, trailing_12m_value
    from in_history
    union all
    select customer_id, moved_on, step, movement, segment, mrr_value, annualised_value, trailing_12m_value
    from opening
    where is_active
)

select * from movements
