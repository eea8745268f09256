-- grain: one row per band of yearly value that the company tells customers by, [at_least, less_than)
with bands as (
    select
        value_band,
        cast(at_least as decimal(18, 4)) as at_least,
        cast(row_number() over (order by at_least, value_band) as integer) as band_number,
        cast(lead(at_least) over (order by at_least, value_band) as decimal(18, 4)) as less_than
    from {{ source('reference', 'value_band') }}
)

select * from bands
