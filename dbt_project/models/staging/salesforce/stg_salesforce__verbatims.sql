-- grain: one row per case that was not deleted, and per call that was made
with cases as (
    select * from {{ ref('stg_salesforce__cases') }}
),

calls as (
    select
        *,
        coalesce(
            {{ salesforce_id('account_id') }}, case when what_id like '001%' then {{ salesforce_id('what_id') }} end
        ) as account_ref,
        case when who_id like '003%' then {{ salesforce_id('who_id') }} end as contact_ref
    from {{ salesforce_records('tasks') }}
    where not coalesce(is_deleted, false)
        and (call_type is not null or {{ lower_case('task_subtype') }} = 'call')
        and coalesce({{ lower_case('status') }}, 'completed') = 'completed'
),

offered as (
    select
        'salesforce' as vendor, system, 'cases' as object, case_id as source_ref, batch_id, record, 'ticket' as kind,
        party_object, party_ref, opened_at as given_at, {{ company_day('opened_at') }} as given_on,
        cast(null as string) as survey_ref, 'salesforce' as silo, category, cast(null as string) as language,
        {{ joined_texts('subject', 'description') }} as text
    from cases
    union all
    select
        'salesforce', _system, 'tasks', record_id, _batch_id, _record, 'call_note',
        case when account_ref is not null then 'accounts' when contact_ref is not null then 'contacts' end,
        coalesce(account_ref, contact_ref),
        coalesce(cast(activity_date as timestamp), created_date),
        coalesce(activity_date, {{ company_day('created_date') }}),
        cast(null as string), 'salesforce', call_disposition, cast(null as string),
        {{ joined_texts('subject', 'description') }}
    from calls
)

select * from offered
