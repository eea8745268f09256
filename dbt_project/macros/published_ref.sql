{#- A reference as readers may see it: one that is shaped like an e-mail address is hashed, its clear form is restricted. -#}
{% macro published_ref(reference) %}{{ return("case when " ~ reference ~ " like '%@%' then 'hashed:' || md5(" ~ reference ~ ") else " ~ reference ~ " end") }}{% endmacro %}
