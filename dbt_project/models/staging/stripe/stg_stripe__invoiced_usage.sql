-- grain: one row per invoice that bills usage at a metered price
with

lines as (select * from {{ ref('stg_stripe__service_lines') }}),

metered as (select price_id from {{ ref('stg_stripe__price_terms') }} where is_metered),

used as (
    select
        lines.invoice_id,
        cast(sum({{ without_tax('lines.minor_amount', 'lines.net_share') }}) as bigint) as minor_amount
    from lines
    semi join metered on metered.price_id = lines.price_id
    group by lines.invoice_id
)

select * from used
