-- grain: one row per source record and day on which it went from one customer to another, with what it held on the eve
-- All that its facts amounted to by then goes along: value at the rates of the eve, activity, and having been active.
with moves as (
    select mover, earlier_customer_id, customer_id, valid_from as moved_on
    from {{ ref('moved_record') }}
    where valid_from is not null
),

changes as (
    select mover, day, mrr, annualised, trailing_12m, activity
    from {{ ref('value_change') }}
    where mover is not null
),

held as (
    select
        moves.mover,
        moves.moved_on,
        moves.earlier_customer_id,
        moves.customer_id,
        cast(coalesce(sum(changes.mrr), 0) as decimal(18, 4)) as mrr,
        cast(coalesce(sum(changes.annualised), 0) as decimal(18, 4)) as annualised,
        cast(coalesce(sum(changes.trailing_12m), 0) as decimal(18, 4)) as trailing_12m,
        cast(coalesce(sum(changes.activity), 0) as integer) as activity,
        min(case when changes.activity > 0 then changes.day end) as first_active_on
    from moves
    left join changes
        on moves.mover = changes.mover
        and changes.day < moves.moved_on
    group by moves.mover, moves.moved_on, moves.earlier_customer_id, moves.customer_id
)

select * from held
