-- grain: one row per source record and key by which it may be recognised; records that share a key are one customer
-- unless a guard of the identity step refuses the key
-- A test record is recognised by what a source states alone, so that it never takes a real customer along by a
-- shared domain.
-- Each step reads the tables themselves: what a statement names and reads twice DuckDB keeps in memory whole.
with stated as (
    select
        vendor, system, object, source_ref, rule as match_rule,
        to_vendor || '|' || to_system || '|' || to_object || '|' || to_ref as match_key, stated_on
    from {{ ref('party_link') }}
    union all
    select
        to_vendor as vendor, to_system as system, to_object as object, to_ref as source_ref, rule as match_rule,
        to_vendor || '|' || to_system || '|' || to_object || '|' || to_ref as match_key, cast(null as date) as stated_on
    from {{ ref('party_link') }}
),

-- what is stated twice was so from the earlier day on
stated_once as (
    select vendor, system, object, source_ref, match_rule, match_key, min(stated_on) as stated_on
    from stated
    group by vendor, system, object, source_ref, match_rule, match_key
),

mailboxes as (
    select vendor, system, object, source_ref, 'email' as match_rule, email as match_key
    from {{ ref('party_record') }}
    where email is not null and not is_test
),

domains as (
    select
        vendor, system, object, source_ref, 'company_domain' as match_rule,
        coalesce(domain, split_part(email, '@', 2)) as match_key
    from {{ ref('party_record') }}
    where coalesce(domain, email) is not null and not is_test
),

company_domains as (
    select domains.*
    from domains
    anti join {{ source('reference', 'free_mail_domain') }} as free_mail
        on domains.match_key = free_mail.domain
),

keys as (
    select * from stated_once
    union all
    select *, cast(null as date) as stated_on from mailboxes
    union all
    select *, cast(null as date) as stated_on from company_domains
)

select * from keys
