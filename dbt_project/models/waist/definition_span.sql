-- grain: one row per definition and days [valid_from, valid_to) on which it counts a line at an unchanged price, of whoever it touches
-- What it counts is a unit: a customer, or a record or an agreement of one. A gap of at most grace_days within a line is bridged at
-- the earlier price.
with definitions as (
    select * from {{ ref('definition') }}
),

lines as (
    select
        definitions.definition_number, definitions.exchange_rate, lines.*,
        {{ counted_to('lines', 'definitions') }} as counted_to,
        definitions.grain, definitions.duplicates, definitions.subsidiaries, definitions.free_plans, definitions.recurring_discounts,
        definitions.one_off_discounts, definitions.invoice_discounts, definitions.metered
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
),

stretches as (
    select
        lines.*,
        coalesce(discounted.starts_on, lines.starts_on) as held_from,
        least(discounted.ends_on, lines.counted_to) as held_to,
        cast(case
            when lines.kind = 'agreement' then lines.amount - {{ discount_by('discounted', 'lines') }}
            else case lines.invoice_discounts when 'deducted' then lines.net_amount else lines.amount end
                - case lines.metered when 'excluded' then lines.metered_amount else 0 end
        end as decimal(18, 4)) as price
    from lines
    left join {{ ref('discounted_line') }} as discounted
        on lines.base_object = 'agreements'
        and lines.kind = 'agreement'
        and lines.vendor = discounted.vendor
        and lines.system = discounted.system
        and lines.line_ref = discounted.line_ref
        and lines.starts_on = discounted.line_starts_on
),

counted as (
    select
        *,
        lead(held_from) over (
            partition by definition_number, vendor, system, kind, customer_id, line_ref order by held_from, source_ref
        ) as next_from
    from stretches
    where (held_to is null or held_from < held_to)
        and (kind in ('purchase', 'contact') or price <> 0 or is_trial or free_plans = 'counted')
)

select
    counted.definition_number,
    counted.customer_id,
    case
        when counted.duplicates = 'as_recorded' then counted.party_record
        when counted.subsidiaries = 'apart' then counted.subsidiary
        else counted.customer_id
    end
        || case when counted.grain = 'agreement' and counted.kind = 'agreement'
            then '/' || counted.vendor || '/' || counted.system || '/' || counted.agreement_ref else '' end as unit,
    counted.held_from as valid_from,
    counted.starts_on as agreed_from,
    case
        when counted.held_to < counted.next_from and counted.next_from <= {{ add_days('counted.held_to', 'company.grace_days') }}
            then counted.next_from
        else counted.held_to
    end as valid_to,
    -- a price of 0 is that of a free plan or a trial that is counted, or of what is worth nothing by the month; below it is a credit
    counted.price > 0 or (counted.price = 0 and counted.base_object <> 'invoices') as is_counting,
    counted.price as amount,
    counted.price_currency as currency, counted.interval, counted.interval_count,
    counted.exchange_rate
from counted
cross join {{ ref('company') }} as company
