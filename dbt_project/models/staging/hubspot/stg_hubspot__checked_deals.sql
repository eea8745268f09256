-- grain: one row per deal that was neither deleted nor merged into another; `refused_field` and `refused_reason` say what
-- it lacks to be counted (null: nothing)
with records as (
    select
        *,
        {{ hubspot_outcome('deal_stage') }} as outcome,
        {{ lower_text('deal_type') }} as kind
    from {{ newest_of(source('hubspot', 'deals'), 'hubspot', 'deals', ['record_id'], 'modified_at') }}
),

kept as (
    select records.*
    from records
    left join {{ ref('stg_hubspot__merges') }} as merges
        on merges.object = 'deals'
        and records._system = merges.system
        and records.record_id = merges.source_ref
    where merges.source_ref is null
        and not coalesce(records.is_deleted, false)
),

-- connectors keep the companies of a deal in a table of their own
listed as (
    select _system, deal_id, company_id
    from {{ accepted_records('hubspot', 'deal_companies') }}
    where not coalesce(is_deleted, false)
    qualify row_number() over (
        partition by _system, deal_id order by case when type_id = '5' then 0 else 1 end, company_id
    ) = 1
),

closed as (
    select
        kept._system as system, kept.record_id as deal_id,
        coalesce(
            {{ hubspot_first('kept.primary_company_id') }}, {{ hubspot_first('kept.associated_company_ids') }},
            listed.company_id
        ) as company_id,
        {{ hubspot_first('kept.associated_contact_ids') }} as contact_id,
        coalesce(kept.is_closed_won, kept.outcome = 'won', false) as is_won,
        coalesce(kept.is_closed_lost, kept.is_closed and not kept.is_closed_won, kept.outcome = 'lost', false) as is_lost,
        kept.kind like 'new%' or kept.kind like 'neu%' or kept.kind like 'nouve%' or kept.kind like 'nuev%'
            or kept.kind like 'nov%' or kept.kind like '新規%' as is_new_business,
        kept.kind like '%renew%' or kept.kind like '%verläng%' or kept.kind like '%renouv%' or kept.kind like '%renov%'
            or kept.kind like '%更新%' as is_renewal,
        kept.closed_lost_reason, kept.amount, upper(kept.currency) as currency,
        kept.close_date as closes_at,
        {{ company_day('kept.close_date') }} as closes_on,
        -- a day that somebody typed, in no zone
        cast(kept.contract_end_date as date) as contract_ends_on,
        kept._batch_id as batch_id, kept._record as record, kept._file as file
    from kept
    left join listed
        on kept._system = listed._system
        and kept.record_id = listed.deal_id
),

checked as (
    select
        *,
        case when company_id is not null then 'companies' when contact_id is not null then 'contacts' else 'deals' end
            as party_object,
        coalesce(company_id, contact_id, deal_id) as party_ref,
        case when is_won and amount is not null and closes_on is null then 'close_date' end as refused_field,
        case when is_won and amount is not null and closes_on is null then 'missing in a deal that was won' end
            as refused_reason
    from closed
)

select * from checked
