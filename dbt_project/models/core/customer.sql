-- grain: one row per customer (resolved party) and days at one segment, [valid_from, valid_to)
with parties as (
    select
        customer_id,
        min(kind) as kind,
        bool_or(is_test) as is_test,
        bool_and(is_unresolved) as is_unresolved,
        cast(count(case when is_held then 1 end) as bigint) as source_records
    from {{ ref('customer_record') }}
    group by customer_id
),

activity as (
    select customer_id, min(day) as first_active_on
    from (
        select customer_id, day from {{ ref('ledger') }}
        where is_active and not was_active
        union all
        select customer_id, first_active_on as day from {{ ref('hand_over') }}
        where first_active_on is not null
    ) as activations
    group by customer_id
),

customers as (
    select
        parties.customer_id,
        segments.valid_from,
        segments.valid_to,
        coalesce(segments.segment, 'unsegmented') as segment,
        parties.kind,
        described.country,
        described.acquisition_source,
        activity.first_active_on,
        activity.customer_id is not null as is_customer,
        parties.is_test,
        parties.is_unresolved,
        parties.source_records
    from parties
    left join {{ ref('customer_segment') }} as segments using (customer_id)
    left join {{ ref('customer_description') }} as described using (customer_id)
    left join activity using (customer_id)
)

select * from customers
