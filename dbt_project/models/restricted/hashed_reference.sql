-- grain: one row per reference that open tables show hashed
with named as (
    select source_ref as reference from {{ source('identity', 'cluster') }}
    union
    select source_ref as reference from {{ source('identity', 'evidence') }}
    union
    select other_source_ref as reference from {{ source('identity', 'evidence') }}
    union
    select source_ref as reference from {{ ref('missing_record') }}
    union
    select line_ref as reference from {{ ref('valued_span') }}
    union
    select source_ref as reference from {{ ref('valued_span') }}
    union
    select source_ref as reference from {{ ref('purchase_window') }} where not is_test
    union
    select source_ref as reference from {{ ref('feedback_item') }} where source_ref like '%@%'
    union
    select source_ref as reference from {{ ref('survey_send') }} where source_ref like '%@%'
),

hashed as (
    select {{ published_ref('reference') }} as hashed_reference, reference
    from named
)

select hashed_reference, reference
from hashed
where hashed_reference <> reference
