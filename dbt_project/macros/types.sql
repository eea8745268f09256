{#- Texts of vendors, as far as a contract cannot type them. -#}

{#- Without the spaces around it, those of other scripts and the unbroken one included: engines mean different ones. -#}
{% macro trimmed(text) %}{{ return("trim(both '" ~ "\u0020\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000" ~ "' from " ~ text ~ ")") }}{% endmacro %}

{% macro filled(text) %}{{ return("nullif(" ~ trimmed(text) ~ ", '')") }}{% endmacro %}

{#- In small letters; the three on which engines disagree are mapped first. -#}
{% macro lower_case(text) %}{{ return("lower(translate(" ~ text ~ ", 'İẞΣ', 'ißσ'))") }}{% endmacro %}

{#- Whether the whole of a text has the form of a pattern. -#}
{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches')(text, pattern)) }}{% endmacro %}
{% macro duckdb__matches(text, pattern) %}{{ return("regexp_full_match(" ~ text ~ ", '" ~ pattern ~ "')") }}{% endmacro %}
{% macro spark__matches(text, pattern) %}{{ return("(" ~ text ~ " rlike '^(" ~ pattern ~ ")\\\\z')") }}{% endmacro %}
