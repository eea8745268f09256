-- grain: one row per segment ever seen, without the whole company
with seen as (
    select segments.segment
    from {{ ref('customer_segment') }} as segments
    anti join (select distinct customer_id from {{ ref('customer_record') }} where is_test) as tests using (customer_id)
    union
    select segment from {{ ref('movement') }}
    union
    -- who pays once, or for usage alone, may bring revenue and never be a customer
    select segment from {{ ref('recognised_revenue') }}
)

-- the whole company's rows are named `all`; a segment of that name would be counted twice
select
    case
        when segment = 'all' then {{ stop(
            "'A segment may not be called all: rename it where customers are given their segments.'"
        ) }}
        else segment
    end as segment,
    cast(row_number() over (order by segment) as integer) as segment_number
from seen
