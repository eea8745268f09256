{#- Whom a row of Stripe's speaks of: the customer it names (`parties` joined on it), else an orphan that stands for the
    record which should have named one: its subscription, else its invoice. Two columns: party_object, party_ref. -#}
{% macro stripe_party(row) -%}
    coalesce(
        parties.object,
        case
            when {{ row }}.customer_id is not null then 'customers'
            when {{ row }}.subscription_id is not null then 'subscriptions'
            else 'invoices'
        end
    ) as party_object,
    coalesce({{ row }}.customer_id, {{ row }}.subscription_id, {{ row }}.invoice_id) as party_ref
{%- endmacro %}
