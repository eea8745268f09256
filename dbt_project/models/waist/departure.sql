-- grain: one row per statement in an export that a customer left, with the reason as that silo words it
with offered as (
    {{ union_of(
        ['stg_stripe__departures', 'stg_salesforce__departures', 'stg_plain__departures',
         'stg_hubspot__departures', 'stg_chargebee__departures'],
        ['vendor', 'system', 'object', 'source_ref', 'batch_id', 'record', 'party_object', 'party_ref', 'line_ref',
         'departed_on', 'silo', 'reason_code']
    ) | indent(4) }}
),

-- a reason has one kind, though not every row of it says which
reasons as (
    select silo, code, reason, max(kind) over (partition by reason) as loss_kind
    from {{ source('reference', 'loss_reason') }}
),

translated as (
    select
        offered.*,
        reasons.reason,
        reasons.loss_kind
    from offered
    left join reasons
        on {{ lower_case('offered.silo') }} = {{ lower_case('reasons.silo') }}
        and {{ lower_case('offered.reason_code') }} = {{ lower_case('reasons.code') }}
)

select * from translated
