-- A span costs its list price less its discounts, which never take more than the price.
select * from {{ ref('revenue_span') }}
where amount <> list_amount - discount_amount
    or discount_amount < 0
    or (list_amount >= 0 and amount < 0)
