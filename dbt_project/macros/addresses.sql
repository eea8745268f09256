{#- E-mail and web addresses in one form, so that equal addresses are equal text on every engine. -#}

{#- Trimmed and lower-cased; a tab and an unbroken space are spaces. -#}
{% macro lower_text(text) -%} {{ lower_case(trimmed("translate(" ~ text ~ ", '\u00a0\t', '  ')")) }} {%- endmacro %}

{#- An e-mail address, or null where the text cannot be one ('n/a', 'none'): equal nonsense must not join people. -#}
{% macro email_address(text) -%}
    {%- set address = lower_text(text) -%}
    case
        when {{ address }} like '_%@_%._%' and {{ address }} not like '%@%@%' and {{ address }} not like '% %'
            then {{ address }}
    end
{%- endmacro %}

{#- The part of an address after the @. `email` is already an address. -#}
{% macro domain_of_email(email) -%} nullif(split_part({{ email }}, '@', 2), '') {%- endmacro %}

{#- Hosts on which each has a page of their own, and some in a language's subdomain ('de-de.facebook.com'): such a host says
    nothing of whose the page is. Not in free_mail_domain.csv, which is about mail and which a company replaces by its own. -#}
{% macro is_page_host(domain) -%}
    {{ matches(domain, '([a-z-]+[.])?(facebook|instagram|linkedin|pinterest|tiktok|twitter|x|xing|youtube)[.]com'
        ~ '|fb[.]com|fb[.]me|youtu[.]be|wa[.]me|t[.]me|linktr[.]ee|etsy[.]com|sites[.]google[.]com') }}
{%- endmacro %}

{#- 'https://www.Example.com:443/about?x=1' -> 'example.com'; null where no host with a dot is found, and where it is one
    on which each has a page. -#}
{% macro domain_of_website(text) -%}
    {%- set after_scheme = "regexp_replace(" ~ lower_text(text) ~ ", '^[a-z]+:/+', '')" -%}
    {%- set host = "split_part(split_part(split_part(" ~ after_scheme ~ ", '/', 1), '?', 1), ':', 1)" -%}
    {%- set domain = "regexp_replace(" ~ host ~ ", '^www[.]', '')" -%}
    case
        when {{ domain }} like '_%._%' and {{ domain }} not like '% %' and {{ domain }} not like '%@%'
            and not {{ is_page_host(domain) }}
            then {{ domain }}
    end
{%- endmacro %}
