-- grain: one row per definition and line that it lets count, of whoever it touches
-- What is counted is a unit: a customer, or a record or an agreement of one.
with definitions as (
    select * from {{ ref('definition') }}
),

lines as (
    select
        definitions.definition_number, definitions.grain, definitions.free_plans,
        definitions.recurring_discounts, definitions.one_off_discounts,
        lines.*,
        -- an amount is converted on its day, and never again
        case when lines.kind = 'agreement' or definitions.exchange_rate = 'newest' then definitions.exchange_rate else 'first' end
            as exchange_rate,
        {{ counted_to('lines', 'definitions') }} as counted_to,
        -- of what was invoiced
        cast(
            case definitions.invoice_discounts when 'deducted' then lines.net_amount else lines.amount end
            - case definitions.metered when 'excluded' then lines.metered_amount else 0 end as decimal(18, 4)
        ) as amount_left,
        case
            when definitions.duplicates = 'as_recorded' then lines.party_record
            when definitions.subsidiaries = 'apart' then lines.subsidiary
            else lines.customer_id
        end as unit
    from {{ ref('definition_touch') }} as touched
    inner join definitions using (definition_number)
    inner join {{ ref('countable_line') }} as lines
        on touched.customer_id = lines.customer_id
        and definitions.base_object = lines.base_object
    where (definitions.test_accounts = 'counted' or not lines.is_test)
        and (definitions.trials = 'counted' or not lines.is_trial)
        and (definitions.paused = 'counted' or not lines.is_paused)
        and (definitions.metered = 'counted' or not lines.is_metered)
        and (lines.kind <> 'credit_note' or definitions.credit_notes = 'deducted')
        and (lines.kind <> 'refund' or (
            definitions.refunds = 'deducted' and not (lines.is_credited and definitions.credit_notes = 'deducted')
        ))
)

select * from lines
