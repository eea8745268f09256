-- grain: one row per segment ever seen, without the whole company
with seen as (
    select segments.segment
    from {{ ref('customer_segment') }} as segments
    anti join (select distinct customer_id from {{ ref('party') }} where is_test) as tests using (customer_id)
    union
    select segment from {{ ref('movement') }}
)

select segment from seen
