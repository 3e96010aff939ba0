"""Books that are made once in a test database, for every class that begins with them.

Making a company with its chart of accounts takes longer than most tests.  ``keep``
makes them and commits, once, before any test; ``take`` finds them again, with the
names that Odoo's own classes give them.
"""

import functools
import json

from odoo.models import BaseModel
from odoo.sql_db import db_connect
from odoo.tests.common import get_db_name

KEY = "voip_billing_base.test_books"


def keep(common):
    """Make the books of a class of tests and commit them.

    :param common: the class, whose ``setUpClass`` nobody has called
    """
    made = type("Kept", (common,), {"__module__": common.__module__})
    try:
        made.setUpClass()
        names = json.dumps(_names(vars(made), made.env))
        made.env["ir.config_parameter"].sudo().set_param(KEY, names)
        made.env.flush_all()
        made.cr._cnx.commit()
    finally:
        made.doClassCleanups()


def take(cls):
    """Give a class whose cursor is open the names of what was kept."""
    kept = kept_in(get_db_name())
    cls.env = cls.env["base"].with_context(**kept["context"]).env
    cls.env = cls.env(user=kept["user"])
    for name, value in kept["names"].items():
        setattr(cls, name, _found(value, cls.env))


@functools.cache
def kept_in(dbname):
    """``{"context", "user", "names"}`` of the books in a database, None without."""
    with db_connect(dbname).cursor() as cr:
        cr.execute("SELECT value FROM ir_config_parameter WHERE key = %s", [KEY])
        row = cr.fetchone()
    return row and json.loads(row[0])


def _names(values, env):
    kept = {name: _name(value) for name, value in values.items() if _is_kept(value)}
    return {"context": dict(env.context), "user": env.uid, "names": kept}


def _is_kept(value):
    if isinstance(value, dict):
        return bool(value) and all(map(_is_kept, value.values()))
    return isinstance(value, BaseModel | int)


def _name(value):
    if isinstance(value, BaseModel):
        context = dict(value.env.context)
        return {"model": value._name, "ids": value.ids, "context": context}
    if isinstance(value, dict):
        return {"of": {key: _name(record) for key, record in value.items()}}
    return {"plain": value}


def _found(value, env):
    if "plain" in value:
        return value["plain"]
    if "of" in value:
        return {key: _found(record, env) for key, record in value["of"].items()}
    return env[value["model"]].browse(value["ids"]).with_context(value["context"])
