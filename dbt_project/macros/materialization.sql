{#- How dbt makes a table or a view with DuckDB. All of ours are made anew each time, DuckDB changes its catalogue within a transaction,
and there are no hooks, grants, indexes or foreign keys to keep (tests/test_laws.py): so one call puts the new in the place of the
former, and one says what it is. dbt-duckdb's own way, aside and renamed, takes seven more where there is a former. -#}
{%- materialization table, adapter='duckdb' -%}
    {{ return(replaced_by(this.incorporate(type='table'))) }}
{%- endmaterialization -%}

{%- materialization view, adapter='duckdb' -%}
    {{ return(replaced_by(this.incorporate(type='view'))) }}
{%- endmaterialization -%}

{%- macro replaced_by(relation) -%}
    {%- set former = load_cached_relation(this) -%}
    {%- call statement('main') -%}
        {% if former %}drop {{ former.type }} {{ former }};{% endif %}
        {{ create_table_as(False, relation, sql) if relation.is_table else create_view_as(relation, sql) }}
    {%- endcall -%}
    {%- if config.persist_relation_docs() or config.persist_column_docs() -%}
        {%- call statement('documented') -%}
            {% if config.persist_relation_docs() -%}
                comment on {{ relation.type }} {{ relation }} is {{ duckdb_escape_comment(model.description) }};
            {% endif -%}
            {% for column in model.columns.values() if config.persist_column_docs() -%}
                comment on column {{ relation }}.{{ adapter.quote(column.name) if column.quote else column.name }} is
                    {{ duckdb_escape_comment(column.description) }};
            {% endfor %}
        {%- endcall -%}
    {%- endif -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [relation]}) }}
{%- endmacro -%}
