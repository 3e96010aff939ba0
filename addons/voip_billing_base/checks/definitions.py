"""What the database must have been told: constraints, indexes, triggers, functions.

The program's own statements are run in a schema of their own, which is taken back at
once; PostgreSQL so spells what must be there as it spells what is there, whatever its
version. What a module, a restored dump or a new month adds is no difference.
"""

import re
from functools import lru_cache

from odoo.tools import SQL

from ..fields import Link

SCHEMA = "voip_wanted"
REFERENCES = re.compile(r" REFERENCES (\w+) \(\w+\)(?: ON DELETE (\w+))?")
TABLE = re.compile(
    r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)\n?\)(?:;|\s*$)", re.S
)
CAST = re.compile(r"::[a-z_]+( varying| without time zone)?(\[\]|\([\d,]+\))?")
BTREE = {True: "", "btree": "", "btree_not_null": " WHERE %s IS NOT NULL"}
ON_DELETE = {"restrict": "r", "cascade": "c", "set null": "n", "no action": "a"}


def wanted(env, scripts, guarded):
    """{(kind, table, name, definition)} that the program makes.

    :param scripts: SQL that makes tables, functions and triggers of ours
    :param guarded: callable of a cursor that makes what is no plain SQL
    """
    models = [m for m in map(env.__getitem__, sorted(env.registry)) if _kept(m)]
    found = {*_columns(models), *_links(models), *_references(scripts)}
    savepoint = env.cr.savepoint(flush=False)
    try:
        _build(env, models, scripts, guarded)
        return found | set(catalog(env.cr, SCHEMA))
    finally:
        savepoint.close(rollback=True)


def _kept(model):
    """Whether a table is ours or has anything of ours."""
    if not model._auto or model._abstract:
        return False
    named = any(name.startswith("voip_") for name in model._fields)
    return _is_ours(model) or named or bool(_objects(model))


def _is_ours(model):
    return model._table.startswith("voip_")


def _objects(model):
    """Constraints and indexes that our modules declare on a model."""
    return [
        declared
        for declared in model._table_objects.values()
        if declared._module.startswith("voip_")
        and declared.get_definition(model.pool)
    ]


def _build(env, models, scripts, guarded):
    cr, schema = env.cr, SQL.identifier(SCHEMA)
    cr.execute(SQL("CREATE SCHEMA %s", schema))
    for table in sorted({model._table for model in models} | {"account_move_line"}):
        name = SQL.identifier(table)
        cr.execute(SQL("CREATE TABLE %s.%s (LIKE public.%s)", schema, name, name))
    cr.execute(SQL("SET LOCAL search_path TO %s", schema))
    for script in scripts:
        cr.execute(REFERENCES.sub("", script))
    guarded(cr)
    for model in models:
        for declared in _objects(model):
            _declare(cr, model, declared)
        _declare_indexes(cr, model)


def _declare_indexes(cr, model):
    """Indexes of single fields."""
    table = SQL.identifier(model._table)
    for name, field in model._fields.items():
        if not (field.index and field.store and _is_field_of_ours(model, field)):
            continue
        if field.index in BTREE:
            column = SQL.identifier(name)
            where = BTREE[field.index]
            where = SQL(where, column) if where else SQL()
            cr.execute(SQL("CREATE INDEX ON %s (%s)%s", table, column, where))


def _is_field_of_ours(model, field):
    return _is_ours(model) or field.name.startswith("voip_")


def _declare(cr, model, declared):
    definition = declared.get_definition(model.pool).replace("%", "%%")
    table = SQL.identifier(model._table)
    name = SQL.identifier(declared.full_name(model))
    unique, index, what = definition.partition("INDEX ")
    if not index:
        query = SQL("ALTER TABLE %s ADD CONSTRAINT %s %s", table, name, SQL(definition))
    else:
        made = SQL(unique + index)
        query = SQL("CREATE %s %s ON %s %s", made, name, table, SQL(what))
    cr.execute(query)


def _columns(models):
    """Columns of ours that are never empty."""
    return {
        ("column", model._table, name, "NOT NULL")
        for model in filter(_is_ours, models)
        for name, field in model._fields.items()
        if field.required and field.store and field.column_type
        and not field.company_dependent
    }


def _links(models):
    """Foreign keys that Odoo makes of our fields."""
    return {
        ("link", model._table, name, f"{comodel._table} {_on_delete(field)}")
        for model in models
        for name, field in model._fields.items()
        if field.type == "many2one" and field.store and not isinstance(field, Link)
        and _is_field_of_ours(model, field)
        for comodel in [model.env[field.comodel_name]]
        if comodel._auto and not comodel._abstract
    }


def _on_delete(field):
    return ON_DELETE[field.ondelete or "set null"]


def _references(scripts):
    """Foreign keys that our own tables state."""
    return {
        ("link", table, column, f"{reference[1]} {ON_DELETE[reference[2].lower()]}")
        for script in scripts
        for table, body in TABLE.findall(script)
        for line in body.splitlines()
        for reference in [REFERENCES.search(line)]
        if reference
        for column in [line.split()[0]]
    }


def catalog(cr, schema, tables=None):
    """[(kind, table, name, definition)] of what a schema has and PostgreSQL obeys.

    :param tables: names of the tables to look at, all of them by default
    """
    cr.execute("SELECT current_setting('search_path')")
    path = cr.fetchone()[0]
    cr.execute("SET LOCAL search_path TO pg_catalog")
    cr.execute(CATALOG_SQL, {"schema": schema, "tables": tables})
    rows = [
        (kind, table, name, _plain(text.replace(f"{schema}.", "public.")))
        for kind, table, name, text in cr.fetchall()
    ]
    cr.execute("SELECT set_config('search_path', %s, true)", [path])
    return rows


@lru_cache(8192)
def _plain(definition):
    """Without casts, parentheses and the blanks that they leave, which follow the way
    something was made: a restored dump has a list's casts at each of its members."""
    plain = re.sub(r"[()\s]+", " ", CAST.sub("", definition))
    return re.sub(r" ?([\[\],]) ?", r"\1", plain).strip()


CATALOG_SQL = r"""
WITH ours AS (SELECT oid, relname FROM pg_class
               WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r', 'p')
                 AND (%(tables)s::text[] IS NULL OR relname = ANY(%(tables)s::text[])))
SELECT 'constraint', t.relname, '', pg_get_constraintdef(k.oid)
  FROM pg_constraint k JOIN ours t ON t.oid = k.conrelid
 WHERE k.contype IN ('c', 'u', 'p', 'x') AND k.convalidated
UNION ALL
SELECT 'index', t.relname, '',
       regexp_replace(pg_get_indexdef(i.indexrelid), 'INDEX \S+ ON', 'INDEX ON')
  FROM pg_index i JOIN ours t ON t.oid = i.indrelid
 WHERE i.indisvalid AND i.indisready AND i.indislive
UNION ALL
SELECT 'trigger', t.relname, g.tgname, pg_get_triggerdef(g.oid)
  FROM pg_trigger g JOIN ours t ON t.oid = g.tgrelid
 WHERE NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')
UNION ALL
SELECT 'function', '', p.proname, pg_get_functiondef(p.oid)
  FROM pg_proc p
 WHERE p.pronamespace = %(schema)s::regnamespace AND p.proname LIKE 'voip\_%%'
UNION ALL
SELECT 'column', t.relname, a.attname, 'NOT NULL'
  FROM pg_attribute a JOIN ours t ON t.oid = a.attrelid
 WHERE a.attnotnull AND a.attnum > 0
UNION ALL
SELECT 'link', t.relname, a.attname, r.relname || ' ' || k.confdeltype::text
  FROM pg_constraint k
  JOIN ours t ON t.oid = k.conrelid
  JOIN pg_class r ON r.oid = k.confrelid
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]
 WHERE k.contype = 'f' AND k.convalidated AND cardinality(k.conkey) = 1
"""
